import { afterEach, beforeAll, expect, it } from 'vitest';
import { FAILPOINTS, type Failpoint } from '../../src/ports/failpoints.js';
import { mixedJobs, quickJobs } from '../support/history-jobs.js';
import { createTemplate, createWorld, type World } from '../support/history-world.js';
import { someWorkflows } from '../support/workflow-jobs.js';

/** Which hit ends the process: late enough that load is under way, early enough that it comes. */
function hitOf(name: Failpoint): number {
  const verb = name.split('.')[0] ?? '';
  return { submit: 12, claim: 12, accept: 8, renew: 3, settle: 12, expire: 2, cancel: 4 }[verb] ?? 1;
}

/** With every kind of step, see `mixedWorkflows`. */
const WORKFLOWS = 6;

/**
 * Submitted at once, and so many more than the wire agents' eight slots that at least 14
 * batches have to wait and are claimed: what finds a slot free is born assigned.
 */
const BURST = 120;

/** The others are reached with two coordinators only, see test/chaos: they differ in nothing. */
const POINTS = FAILPOINTS.filter((name) => !/^(return|retry|promote)\./.test(name));

let template: string;
let world: World | undefined;

beforeAll(async () => {
  template = await createTemplate();
}, 150_000);

afterEach(() => {
  world?.close();
});

it.each(POINTS)(
  'a coordinator killed at %s loses nothing and accepts nothing twice',
  async (name) => {
    world = createWorld({ template });
    const victim = await world.startCoordinator(`${name}=exit@${hitOf(name)}`);
    const jobs = mixedJobs(name, FAILPOINTS.indexOf(name));
    world.sdkAgent('sdk-agent');
    await Promise.all([world.wireAgent('wire-agent-1'), world.wireAgent('wire-agent-2')]);
    const burst = quickJobs(`${name}-burst`, BURST);
    const loads = [
      world.run(jobs, { concurrency: 12, history: world.history('client') }),
      world.run(burst, { concurrency: BURST, history: world.history('burst') }),
      world.runWorkflows(someWorkflows(name, FAILPOINTS.indexOf(name), WORKFLOWS), {
        concurrency: WORKFLOWS,
        history: world.history('workflows'),
      }),
    ];

    const exit = await within(victim.exited, 90_000, `${name} was not reached`);
    expect(exit.signal).toBe('SIGKILL');

    await world.startCoordinator();
    await within(Promise.all(loads), 90_000, 'the load was not done after the restart');
    await world.allEnded();
    const { violations, tasks, exitCode } = await world.checked();
    expect(violations).toEqual([]);
    expect(tasks).toBe(jobs.length + BURST);
    expect(exitCode).toBe(0);
  },
  300_000,
);

function within<T>(promise: Promise<T>, ms: number, otherwise: string): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    AbortSignal.timeout(ms).addEventListener('abort', () => reject(new Error(otherwise)));
  });
  return Promise.race([promise, late]);
}
