import { agent, createClient } from '@reeve/sdk';
import { openEmbedded } from './embedded.js';

export const silent = { debug() {}, info() {}, warn() {}, error() {} };
/** What is open. */
export const closers: (() => unknown)[] = [];

/** Closes what a test has opened, the last first. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

/** An embedded coordinator and a client of it. */
export async function open(data?: string) {
  const coordinator = await openEmbedded(data === undefined ? {} : { data });
  const client = createClient({ address: coordinator.address });
  closers.push(
    () => coordinator.stop(),
    () => client.close(),
  );
  return { coordinator, client };
}

/** An agent that writes down what it was given, and fails where it is told to. */
export async function worker(
  address: string,
  slots = 4,
  failing: readonly string[] = [],
  gate: () => Promise<unknown> = async () => undefined,
) {
  const done: string[] = [];
  const fails = new Set<string>(failing);
  const it = agent({ agentId: 'worker', address, slots, log: silent });
  it.handle('step', async (_input, ctx) => {
    const name = ctx.task.labels.name ?? '';
    if (name.startsWith('other')) await gate();
    if (fails.has(name)) throw new Error('told to');
    done.push(name);
    return name;
  });
  await it.start();
  closers.push(() => it.stop());
  return { done, fails };
}

/** A task for it. */
export const step = (name: string, ...dependsOn: string[]) => ({
  kind: 'step',
  labels: { name },
  dependsOn,
  retry: { maxAttempts: 1 },
});
