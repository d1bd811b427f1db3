import { type Agent, agent, TaskError } from '@reeve/sdk';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type Coordinator, startCoordinator } from './coordinator.js';
import { type RunOptions, run, start } from './world.js';

export const AGENT_ID = 'cli-test-agent';

/**
 * A coordinator process for the tests of a file, with an agent that does `echo`, `refuse` (fails for good), `leave` (the
 * same, after it has left its input for the next attempt), `relent`
 * (as `refuse` the first time that it gets a task with `{refuse: true}`, else `echo`) and `hold` (until `release` is
 * called); nobody does anything else.
 */
export function setupFleet() {
  let coordinator: Coordinator;
  let worker: Agent;
  let release = () => {};
  let released: Promise<void>;

  beforeAll(async () => {
    coordinator = await startCoordinator();
    const { address } = coordinator;
    worker = agent({ agentId: AGENT_ID, address, capabilities: ['gpu'], tags: ['blue'] });
    worker.handle('echo', (input) => input);
    worker.handle('refuse', () => {
      throw new TaskError('NO_THANKS', 'not today', { retryable: false });
    });
    worker.handle('leave', (input, ctx) => {
      ctx.progress(0.5, 'leaving', { checkpoint: input });
      throw new TaskError('NO_MORE', 'not today', { retryable: false });
    });
    const refused = new Set<string>();
    worker.handle<{ refuse?: boolean }>('relent', (input, { taskId }) => {
      if (!input.refuse || refused.has(taskId)) return input;
      refused.add(taskId);
      throw new TaskError('NOT_YET', 'another time', { retryable: false });
    });
    worker.handle('hold', async (_input, ctx) => {
      ctx.progress(0.5, 'half way');
      await released;
      return 'released';
    });
    await worker.start();
  });
  beforeEach(() => {
    released = new Promise((resolve) => {
      release = resolve;
    });
  });
  afterAll(async () => {
    await worker.stop();
    await coordinator.stop();
  });

  const here = (options: RunOptions): RunOptions => ({
    ...options,
    env: { REEVE_ADDRESS: coordinator.address, ...options.env },
  });
  /** Runs a command line against it to its end. */
  const reeve = (argv: readonly string[], options: RunOptions = {}) => run(argv, here(options));
  return {
    reeve,
    startReeve: (argv: readonly string[], options: RunOptions = {}) => start(argv, here(options)),
    /** Submits by the command line and gives the id. */
    submit: async (...argv: string[]) => (await reeve(['submit', ...argv, '-o', 'name'])).stdout.trim(),
    /** Lets `hold` come to its end. */
    release: () => release(),
    address: () => coordinator.address,
  };
}
