import { type Agent, agent, type Client } from '@reeve/sdk';
import { expect } from 'vitest';
import { silent } from './steps.js';

/** What a task of the kind `long` takes longer than one of the kind `short`, in ms: more than a busy machine adds. */
const LONG_MS = 600;
/** Successes from which on something is expected. */
const ENOUGH = 5;
/** Findings are written every five seconds, and read every thirty. */
const KNOWN_WITHIN_MS = 60_000;

/** An agent for both kinds. It writes down whose turn it was. */
export async function timedAgent(at: { address: string; org: string }, agentId: string, slots: number) {
  const began: string[] = [];
  const it: Agent = agent({ agentId, ...at, slots, log: silent });
  for (const kind of ['short', 'long']) {
    it.handle(kind, async (_input, { taskId }) => {
      began.push(taskId);
      // The work itself.
      if (kind === 'long') await new Promise((resolve) => setTimeout(resolve, LONG_MS));
    });
  }
  await it.start();
  return { began, stop: () => it.stop() };
}

/** Tasks enough to tell by how long each kind takes. */
export async function teach(
  client: Client,
  requirements: { agentId?: string } = {},
  times = ENOUGH,
): Promise<void> {
  const kinds = Array.from({ length: times }, () => ['short', 'long']).flat();
  const tasks = await Promise.all(kinds.map((kind) => client.submit({ kind, requirements })));
  await Promise.all(tasks.map((task) => task.wait()));
}

/** How long a kind is expected to take, by a task that waits for nobody: an agent takes none that names another. */
export async function expectedOf(client: Client, kind: string): Promise<number | undefined> {
  const { taskId } = await client.submit({ kind, requirements: { agentId: 'nobody' } });
  const { place } = await client.explain(taskId);
  await client.cancel(taskId);
  return place?.expectedDurationMs;
}

/** Waits until both kinds are known. */
export async function untilKnown(client: Client): Promise<{ short: number; long: number }> {
  const known = async () => ({
    short: await expectedOf(client, 'short'),
    long: await expectedOf(client, 'long'),
  });
  await expect
    .poll(known, { timeout: KNOWN_WITHIN_MS, interval: 250 })
    .toEqual({ short: expect.any(Number), long: expect.any(Number) });
  const { short = 0, long = 0 } = await known();
  return { short, long };
}
