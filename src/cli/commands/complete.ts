import { createClient } from '@reeve/sdk';
import type { Command } from '../command.js';
import { COMMANDS, GROUPS } from '../command-table.js';
import { completing } from '../completion/candidates.js';
import { liveIds } from '../completion/live-ids.js';
import { DEFAULT_ADDRESS, GLOBAL_OPTIONS } from '../globals.js';

const PATIENCE_MS = 1_000;

/** What the scripts of `reeve completion` call: a candidate a line, a tab, what it is. */
export const COMPLETE: Command = {
  path: ['__complete'],
  summary: 'Complete a command line',
  args: [
    { name: 'SHELL', doc: 'bash, zsh or fish' },
    { name: 'WORDS', doc: 'the words after reeve up to the cursor', many: true, optional: true },
  ],
  examples: [],
  hidden: true,
  local: true,
  run: async ({ given, world, out, onEnd }) => {
    const [shell, ...raw] = given.args;
    const words = shell === 'bash' ? joinedAtEquals(raw) : raw;
    const tables = { commands: COMMANDS, groups: GROUPS, globals: GLOBAL_OPTIONS };
    const { candidates, live, prefix, given: options } = completing(words, tables);
    const found = [...candidates];
    if (live) {
      const address = options.address ?? (world.env.REEVE_ADDRESS || DEFAULT_ADDRESS);
      const org = options.org ?? world.env.REEVE_ORG;
      const client = createClient({ address, timeoutMs: PATIENCE_MS, ...(org && { org }) });
      onEnd(() => client.close());
      found.push(...(await liveIds(client, live)));
    }
    const current = (words.at(-1) ?? '').slice(prefix.length).toLowerCase();
    // Bash has cut the word at the equals sign and replaces only what comes after it.
    const shown = shell === 'bash' ? '' : prefix;
    const lines = found
      .filter(({ word }) => word.toLowerCase().startsWith(current))
      .map(({ word, doc }) => `${shown}${word}\t${doc}\n`);
    await out.text(lines.join(''));
    return 0;
  },
};

/** Bash gives `--tier=HI` as three words. */
function joinedAtEquals(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (const [at, word] of words.entries()) {
    const isPart = word === '=' || words[at - 1] === '=';
    if (isPart && joined.length > 0) joined.push(`${joined.pop()}${word}`);
    else joined.push(word);
  }
  return joined;
}
