import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { runChaos } from './run.js';
import { openServeTarget } from './serve-target.js';

const SEED = Number(process.env.CHAOS_SEED ?? 1);
const MINUTES = Number(process.env.CHAOS_MINUTES ?? 2);
const SETTLES_MS = 600_000;

it(
  `coordinators whose world breaks for ${MINUTES} minutes lose nothing and accept nothing twice (CHAOS_SEED=${SEED})`,
  async () => {
    process.setMaxListeners(0);
    const { violations, troubles, tasks } = await runChaos({
      ...{ seed: SEED, ms: MINUTES * 60_000, folder: temporaryFolder('chaos') },
      ...{ wireAgents: 3, sdkAgents: 2, lightAgents: 50, clients: 3, perSecond: 15 },
      // Read where the test fails.
      write: (text) => process.stdout.write(text),
      open: (needs) => openServeTarget({ ...needs, coordinators: 2, diskMebibytes: 400 }),
    });
    expect(violations).toEqual([]);
    expect(troubles).toEqual([]);
    expect(tasks).toBeGreaterThan(50);
  },
  MINUTES * 60_000 + SETTLES_MS,
);
