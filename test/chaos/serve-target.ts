import path from 'node:path';
import { readThroughSql } from '../support/checker-read.js';
import { type ServeProcess, startServe } from '../support/serve-process.js';
import { createFakeTime, type FakeTime } from './fake-time.js';
import { createMember } from './member.js';
import type { TargetNeeds } from './run.js';
import { openStores } from './stores.js';
import { SHORT_TIMES, type Target } from './target.js';

export interface ServeTargetOptions extends TargetNeeds {
  readonly coordinators: number;
  /** How much Postgres's disk takes; 0: it is on no disk of its own. */
  readonly diskMebibytes: number;
  /** Whether clocks may jump; default true. */
  readonly clocks?: boolean;
}

/** Coordinators that share a Postgres and a Redis, each with its own links to them. */
export async function openServeTarget(
  options: ServeTargetOptions,
): Promise<{ target: Target; clocks: readonly FakeTime[] }> {
  const { folder, coordinators, onUnasked, clocks: mayJump = true } = options;
  const stores = await openStores({ ...options, clocks: mayJump });
  const clocks: FakeTime[] = [];
  const members = stores.links.map((links, i) => {
    const name = `coordinator ${i + 1}`;
    const file = name.replace(' ', '-');
    const clock = mayJump ? createFakeTime(folder, file) : null;
    if (clock) clocks.push(clock);
    let serving: ServeProcess | undefined;
    return createMember({
      name,
      logFile: path.join(folder, `${file}.log`),
      onUnasked,
      async launch(_address, failpoints) {
        const env = { ...clock?.env, REEVE_FAILPOINTS: failpoints };
        if (serving) await serving.restart(env);
        else {
          const { postgresUrl, redisUrl } = links;
          // Any of them may be the first to see the empty database.
          const args = [...SHORT_TIMES, '--migrate-at-start'];
          serving = await startServe({ postgresUrl, redisUrl, args, env, timeoutMs: 120_000 });
        }
        const { address, httpAddress, pid, exited, stderr } = serving;
        return {
          address,
          httpAddress,
          pid,
          exited,
          stderr,
          kill: (signal: NodeJS.Signals) => signalTo(pid, signal),
        };
      },
    });
  });
  return {
    clocks: clocks.length === coordinators ? clocks : [],
    target: {
      name: 'reeve serve',
      members,
      stores,
      readRecord: () => readThroughSql(stores.databaseUrl),
      async close() {
        await Promise.all(members.map((member) => member.kill()));
        await stores.close();
      },
    },
  };
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended in between.
  }
}
