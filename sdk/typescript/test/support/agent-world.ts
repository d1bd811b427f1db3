import { type AgentOptions, agent, type ReeveError } from '@reeve/sdk';
import { onTestFinished } from 'vitest';
import { FakeCoordinator } from './fake-coordinator.js';
import { keepingLog } from './keeping-log.js';
import { assignment, type WorkProbe } from './work-probe.js';

/** An agent that is not started yet and the fake coordinator it dials, until the test is over. */
export async function setup(options: AgentOptions = {}) {
  const server = await FakeCoordinator.start();
  const { log, messages } = keepingLog();
  const worker = agent({ agentId: 'worker', address: server.address, log, ...options });
  onTestFinished(() => worker.stop({ graceMs: 0 }));
  // Before the agent stops, which then waits for nobody: the last registered is the first called.
  onTestFinished(() => server.crash());
  /** Starts the agent and welcomes it. */
  const connect = async (terms = {}) => {
    const started = worker.start();
    const session = await server.nextSession();
    session.welcome(terms);
    await started;
    return session;
  };
  return { server, worker, connect, messages };
}

/** An attempt of the kind `slow`, which ends when the test says so. */
export interface SlowAttempt {
  finish(output: unknown): void;
  /** Resolves with what its signal told it. */
  readonly aborted: Promise<ReeveError>;
}

/** An agent that handles `slow`. */
export async function setupSlow(options: AgentOptions = {}) {
  const world = await setup(options);
  /** The attempts that have begun, in order. */
  const running: SlowAttempt[] = [];
  world.worker.handle('slow', (_, { signal }) => {
    return new Promise((resolve, reject) => {
      const aborted = new Promise<ReeveError>((tell) => {
        signal.addEventListener('abort', () => {
          tell(signal.reason);
          reject(signal.reason);
        });
      });
      running.push({ finish: resolve, aborted });
    });
  });
  /** Assigns a slow task and waits until its handler runs. */
  const assignSlow = async (session: WorkProbe, rest = {}) => {
    const task = { ...assignment('slow'), ...rest };
    const before = running.length;
    session.assign(task);
    await session.next('accept');
    await until(() => running.length > before);
    return task.claim;
  };
  return { ...world, running, assignSlow };
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when whatever the agent had to send by now has come. */
export async function settle(session: WorkProbe): Promise<void> {
  session.send({ case: 'ping', value: { nonce: 99n } });
  await session.next('pong');
}
