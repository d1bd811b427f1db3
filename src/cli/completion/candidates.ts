import type { Command, Completion, Live, Option } from '../command.js';

/** What the shell can put in the place of the word under the cursor. */
export interface Candidate {
  readonly word: string;
  readonly doc: string;
}

/** What is asked: fixed candidates, ids that a server has to be asked for, or names of profiles. */
export interface Completing {
  readonly candidates: readonly Candidate[];
  readonly live?: Live | 'profile';
  /** Arguments of the command that stand before the cursor. */
  readonly args: readonly string[];
  /** What stands before the candidate in the same word, for example `--tier=`. */
  readonly prefix: string;
  /** Options that were given so far and choose the server. */
  readonly given: Readonly<Record<string, string>>;
}

interface Tables {
  readonly commands: readonly Command[];
  readonly groups: Readonly<Record<string, string>>;
  readonly globals: readonly Option[];
}

/** @param words - the words after `reeve`; the last is under the cursor, perhaps empty */
export function completing(words: readonly string[], tables: Tables): Completing {
  const current = words.at(-1) ?? '';
  const { positionals, given, pending, command } = read(words.slice(0, -1), tables);
  const before = positionals.slice(command?.path.length ?? 0);
  const nothing = { candidates: [], args: before, prefix: '', given };

  if (pending) return { ...nothing, ...valuesOf(pending.complete ?? pending.choices) };
  const inline = /^--([\w-]+)=/.exec(current);
  if (inline) {
    const option = optionsOf(command, tables).find((o) => o.name === inline[1]);
    return { ...nothing, ...valuesOf(option?.complete ?? option?.choices), prefix: inline[0] };
  }
  if (current.startsWith('-') && current !== '-') {
    return { ...nothing, candidates: optionsOf(command, tables).flatMap(flagsOf) };
  }
  if (!command) return { ...nothing, candidates: commandWords(positionals, tables) };
  const args = command.args ?? [];
  const argument = args[before.length] ?? (args.at(-1)?.many ? args.at(-1) : undefined);
  return { ...nothing, ...valuesOf(argument?.complete) };
}

function read(words: readonly string[], tables: Tables) {
  const positionals: string[] = [];
  const given: Record<string, string> = {};
  let pending: Option | undefined;
  let command: Command | undefined;
  for (const word of words) {
    if (pending) {
      given[pending.name] = word;
      pending = undefined;
      continue;
    }
    if (word.startsWith('-') && word !== '-') {
      const [flag = '', ...value] = word.split('=');
      const option = optionsOf(command, tables).find((o) => `--${o.name}` === flag || `-${o.short}` === flag);
      if (option?.value === undefined) continue;
      if (word.includes('=')) given[option.name] = value.join('=');
      else pending = option;
      continue;
    }
    positionals.push(word);
    command ??= tables.commands.find((c) => c.path.join(' ') === positionals.join(' '));
  }
  return { positionals, given, pending, command };
}

function optionsOf(command: Command | undefined, { globals }: Tables): readonly Option[] {
  return [...(command?.options ?? []), ...(command?.local ? [] : globals)];
}

function flagsOf(option: Option): Candidate[] {
  const flags = [`--${option.name}`, ...(option.negatable ? [`--no-${option.name}`] : [])];
  return flags.map((word) => ({ word, doc: option.doc }));
}

function commandWords(before: readonly string[], { commands, groups }: Tables): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const { path, summary } of commands) {
    if (before.some((word, at) => path[at] !== word)) continue;
    const word = path[before.length];
    if (word === undefined) continue;
    const isGroup = path.length > before.length + 1;
    found.set(word, { word, doc: isGroup ? (groups[word] ?? '') : summary });
  }
  return [...found.values()];
}

function valuesOf(completion: Completion | undefined): Partial<Completing> {
  if (completion === undefined || completion === 'file') return {};
  if (typeof completion === 'string') return { live: completion };
  return { candidates: completion.map((word) => ({ word, doc: '' })) };
}
