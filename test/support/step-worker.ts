import { agent, type TaskRequest } from '@reeve/sdk';
import { onTestFinished } from 'vitest';
import { silent } from './steps.js';

/** Does what it gets, and writes down in which order it came. */
export async function stepWorker(
  { address }: { readonly address: string },
  { org }: { readonly org: string },
  slots = 1,
): Promise<readonly string[]> {
  const done: string[] = [];
  const it = agent({ agentId: 'worker', address, org, slots, log: silent });
  it.handle('step', async (_input, { task }) => {
    done.push(task.labels.name ?? '');
    return task.labels.name ?? '';
  });
  await it.start();
  onTestFinished(() => it.stop());
  return done;
}

/** A task for it. */
export function step(name: string, more: Partial<TaskRequest> = {}): TaskRequest {
  return { kind: 'step', labels: { name }, ...more };
}
