export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Where nothing of ours fits, bash and zsh go on to complete file names. */
const BASH = `# bash completion for reeve
_reeve() {
  local word
  COMPREPLY=()
  while IFS=$'\\t' read -r word _; do
    COMPREPLY+=("$word")
  done < <("$1" __complete bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _reeve reeve
`;

const ZSH = `#compdef reeve
# zsh completion for reeve
_reeve() {
  local line
  local -a found
  while IFS= read -r line; do
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <("\${words[1]}" __complete zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then
    _describe -V reeve found
  else
    _files
  fi
}
if [[ "\${funcstack[1]}" = _reeve ]]; then
  _reeve "$@"
else
  compdef _reeve reeve
fi
`;

const FISH = `# fish completion for reeve
function __reeve_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  $words[1] __complete fish -- $words[2..-1] "$current" 2>/dev/null
end
complete -c reeve -f -a '(__reeve_complete)'
`;

const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };

/** The script that makes a shell complete command lines of reeve. */
export function completionScript(shell: Shell, fileOptions: readonly string[]): string {
  if (shell !== 'fish') return SCRIPTS[shell];
  return SCRIPTS.fish + fileOptions.map((name) => `complete -c reeve -l ${name} -r -F\n`).join('');
}
