import type { Argument, Command, Option } from './command.js';
import { COMMANDS } from './command-table.js';
import { EXIT_MEANINGS } from './exit-codes.js';
import { GLOBAL_OPTIONS } from './globals.js';
import { describe } from './parser.js';

/** `docs/cli.md`, from the table of commands. */
export function cliDocs(): string {
  const shown = COMMANDS.filter((command) => !command.hidden);
  return `${[INTRODUCTION, globalSection(), exitSection(), ...shown.map(commandSection)].join('\n\n')}\n`;
}

const INTRODUCTION = `# The command \`reeve\`

<!-- Made from the table of commands: node scripts/cli-docs.mjs -->

Data goes to standard output, everything else to standard error. On a terminal data is a
table with relative times; in a pipe it is JSON with times in ISO 8601, and an empty list is
\`[]\`. \`-o name\` gives bare ids, for pipes such as \`reeve task list -o name | reeve task cancel -\`.
Control characters in what agents and submitters wrote are escaped in every format.

Which coordinator is talked to, and in which organisation, says the first of option, variable,
profile and default; \`reeve profile show\` tells which it was. Profiles are kept in
\`reeve/config.json\` in your folder for configuration (\`$XDG_CONFIG_HOME\` or \`~/.config\`,
\`~/Library/Application Support\`, \`%APPDATA%\`), or in the file that \`REEVE_CONFIG\` names.

Errors say what happened and what to do about it; where the data is JSON they are
\`{"code", "message", "retryable", "hint"}\`. Nothing is ever reported to anybody.`;

function globalSection(): string {
  return `## Options of every command\n\n${optionTable(GLOBAL_OPTIONS)}`;
}

function exitSection(): string {
  const rows = Object.entries(EXIT_MEANINGS).map(([code, meaning]) => `| ${code} | ${meaning} |`);
  return ['## Exit codes', '', '| code | meaning |', '|---|---|', ...rows].join('\n');
}

function commandSection(command: Command): string {
  const name = `reeve ${command.path.join(' ')}`;
  const usage = [name, ...(command.args ?? []).map(argumentText), ...(command.options ? ['[options]'] : [])];
  const parts = [`## ${name}`, `${command.summary}.`];
  if (command.detail) parts.push(command.detail);
  parts.push(fenced(usage.join(' ')));
  if (command.args?.length) parts.push(command.args.map((a) => `- \`${a.name}\`: ${a.doc}`).join('\n'));
  if (command.options?.length) parts.push(optionTable(command.options));
  const examples = command.examples.map(({ line, doc }) => `# ${doc}\n${line}`);
  if (examples.length > 0) parts.push(fenced(examples.join('\n\n')));
  return parts.join('\n\n');
}

function argumentText({ name, optional, many }: Argument): string {
  const inner = many ? `${name}...` : name;
  return optional ? `[${inner}]` : inner;
}

function optionTable(options: readonly Option[]): string {
  const rows = options.map((option) => {
    const short = option.short ? `-${option.short}, ` : '';
    const value = option.value ? ` ${option.value}` : '';
    return `| \`${short}--${option.name}${value}\` | ${describe(option)} |`;
  });
  return ['| option | meaning |', '|---|---|', ...rows].join('\n');
}

function fenced(text: string): string {
  return `\`\`\`sh\n${text}\n\`\`\``;
}
