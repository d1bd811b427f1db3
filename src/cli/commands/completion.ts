import type { Command } from '../command.js';
import { completionScript, SHELLS, type Shell } from '../completion/scripts.js';
import { DEV } from './dev.js';
import { SUBMIT } from './submit.js';

export const COMPLETION: Command = {
  path: ['completion'],
  summary: 'Print the script that makes your shell complete commands, options and ids',
  args: [{ name: 'SHELL', doc: SHELLS.join(', '), complete: SHELLS, choices: SHELLS }],
  examples: [
    { line: 'source <(reeve completion bash)', doc: 'bash, for this session; in ~/.bashrc for all' },
    { line: 'reeve completion zsh > "$HOME/.zfunc/_reeve"', doc: 'zsh, if that folder is in your fpath' },
    { line: 'reeve completion fish > ~/.config/fish/completions/reeve.fish', doc: 'fish' },
  ],
  local: true,
  run: async ({ given, out }) => {
    const options = [...(DEV.options ?? []), ...(SUBMIT.options ?? [])];
    const fileOptions = options.filter((option) => option.complete === 'file').map((option) => option.name);
    await out.text(completionScript(given.args[0] as Shell, fileOptions));
    return 0;
  },
};
