import { setTimeout as sleep } from 'node:timers/promises';
import type { Rig } from '../rig.js';
import { handledBy, perTask, useOf } from './flood.js';

export interface OpenLoopPlan {
  /** Submissions a second, for how long. */
  readonly rate: number;
  readonly seconds: number;
}

/** Tasks submitted one by one at times fixed beforehand, whatever the answers do. */
export interface OpenLoop {
  /** From the intended time of each submission until its handler runs, in ms. */
  readonly delays: readonly number[];
  /** Processor time by part, in µs: nothing is in batches, and processors that slept have to be woken. */
  readonly cpu: Readonly<Record<string, number>>;
}

export async function openLoop(rig: Rig, { rate, seconds }: OpenLoopPlan): Promise<OpenLoop> {
  const before = await handledBy(rig.workers);
  await delaysOf(rig);
  const used = await useOf(rig);
  const { submitted } = await rig.client.ask<{ submitted: number }>({ do: 'open-loop', rate, seconds });
  while ((await handledBy(rig.workers)) < before + submitted) await sleep(20);
  while (await rig.isBusy()) await sleep(20);
  const { cpu } = perTask(used, await useOf(rig), submitted);
  return { delays: await delaysOf(rig), cpu };
}

/** Those since they were asked for last. */
async function delaysOf({ workers }: Rig): Promise<readonly number[]> {
  const answers = await Promise.all(
    workers.map((worker) => worker.ask<{ delays: number[] }>({ question: 'delays' })),
  );
  return answers.flatMap(({ delays }) => delays);
}
