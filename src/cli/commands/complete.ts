import { createClient } from '@reeve/sdk';
import type { Command } from '../command.js';
import { COMMANDS, GROUPS } from '../command-table.js';
import { type Candidate, type Completing, completing } from '../completion/candidates.js';
import { liveIds } from '../completion/live-ids.js';
import { resolveConnection } from '../connection/connection.js';
import { GLOBAL_OPTIONS } from '../globals.js';
import type { Invocation } from '../invocation.js';
import { profileFile, readProfiles } from '../profiles/profile-file.js';

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
  run: async (invocation) => {
    const { given, out } = invocation;
    const [shell, ...raw] = given.args;
    const words = shell === 'bash' ? joinedAtEquals(raw) : raw;
    const tables = { commands: COMMANDS, groups: GROUPS, globals: GLOBAL_OPTIONS };
    const asked = completing(words, tables);
    const { prefix } = asked;
    const found = [...asked.candidates, ...(await looked(asked, invocation))];
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

/** Candidates that have to be looked for; none where that fails. */
async function looked({ live, args, given }: Completing, { world, onEnd }: Invocation): Promise<Candidate[]> {
  if (!live) return [];
  try {
    if (live === 'profile') {
      const { all } = await readProfiles(profileFile(world));
      return [...all.values()].map(({ name, address }) => ({ word: name, doc: address }));
    }
    const { address, org } = await resolveConnection(given, world);
    const client = createClient({ address: address.value, org: org.value, timeoutMs: PATIENCE_MS });
    onEnd(() => client.close());
    return await liveIds(client, live, args);
  } catch {
    return [];
  }
}

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
