import { afterEach, expect, it } from 'vitest';
import { mixedJobs, seededRandom } from '../support/history-jobs.js';
import { createWorld, type World } from '../support/history-world.js';

const SEED = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const ROUNDS = Number(process.env.CRASH_ROUNDS ?? 5);

let world: World | undefined;

afterEach(() => {
  world?.close();
});

it(`a coordinator killed again and again on the same data loses nothing and accepts nothing twice (CRASH_SEED=${SEED})`, async () => {
  const random = seededRandom(SEED);
  world = createWorld();
  let victim = await world.startCoordinator();
  world.sdkAgent('sdk-agent');
  await Promise.all([world.wireAgent('wire-agent-1'), world.wireAgent('wire-agent-2')]);

  let count = 0;
  const loads: Promise<void>[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const jobs = mixedJobs(`round-${round}`, SEED + round, 0.4);
    count += jobs.length;
    // The kill comes at a line of the client's history: somewhere in the middle of its load.
    const fatal = 1 + Math.floor(random() * jobs.length * 2);
    let lines = 0;
    const killAt = () => {
      lines += 1;
      if (lines === fatal) victim.kill();
    };
    const history = world.history(`client-${round}`, killAt);
    loads.push(world.run(jobs, { concurrency: 8, history }));
    expect((await victim.exited).signal).toBe('SIGKILL');
    victim = await world.startCoordinator();
  }

  await Promise.all(loads);
  await world.allEnded();
  const { violations, tasks } = await world.checked();
  expect(violations).toEqual([]);
  expect(tasks).toBe(count);
}, 600_000);
