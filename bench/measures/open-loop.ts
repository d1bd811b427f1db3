import { setTimeout as sleep } from 'node:timers/promises';
import type { Rig } from '../rig.js';
import { handledBy } from './flood.js';

export interface OpenLoopPlan {
  /** Submissions a second, for how long. */
  readonly rate: number;
  readonly seconds: number;
}

/**
 * Tasks submitted one by one at times fixed beforehand, whatever the answers do.
 *
 * @returns from the intended time of each submission until its handler runs, in ms
 */
export async function openLoop(rig: Rig, { rate, seconds }: OpenLoopPlan): Promise<readonly number[]> {
  const before = await handledBy(rig.workers);
  await delaysOf(rig);
  const { submitted } = await rig.client.ask<{ submitted: number }>({ do: 'open-loop', rate, seconds });
  while ((await handledBy(rig.workers)) < before + submitted) await sleep(20);
  while (await rig.isBusy()) await sleep(20);
  return delaysOf(rig);
}

/** Those since they were asked for last. */
async function delaysOf({ workers }: Rig): Promise<readonly number[]> {
  const answers = await Promise.all(
    workers.map((worker) => worker.ask<{ delays: number[] }>({ question: 'delays' })),
  );
  return answers.flatMap(({ delays }) => delays);
}
