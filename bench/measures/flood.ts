import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMicrosOf } from '../processes.js';
import { monotonicMs, type Program } from '../program.js';
import type { Rig } from '../rig.js';

export interface FloodPlan {
  readonly tasks: number;
  /** Submissions a call, and calls at once. */
  readonly batch: number;
  readonly inFlight: number;
}

/** Tasks submitted as fast as they are acknowledged, and done as fast as they can be. */
export interface Flood {
  /** From the first submission until no task is open. */
  readonly tasksPerSecond: number;
  /** From the first submission until the last acknowledgement. */
  readonly acknowledgedPerSecond: number;
  /** Processor time of all processes, in µs. */
  readonly cpuMicrosPerTask: number;
  /** The same by part. */
  readonly cpu: Readonly<Record<string, number>>;
  /** Per task: bytes of write-ahead log of Postgres, commands of Redis. */
  readonly storeWork: Readonly<Record<string, number>>;
}

export async function flood(rig: Rig, { tasks, batch, inFlight }: FloodPlan): Promise<Flood> {
  const before = await handledBy(rig.workers);
  const used = await useOf(rig);
  const question = { do: 'flood', tasks, batch, inFlight };
  const { startMs, ackedMs } = await rig.client.ask<{ startMs: number; ackedMs: number }>(question);
  await allDone(rig, before + tasks);
  const endMs = monotonicMs();
  return {
    tasksPerSecond: (tasks * 1_000) / (endMs - startMs),
    acknowledgedPerSecond: (tasks * 1_000) / (ackedMs - startMs),
    ...perTask(used, await useOf(rig), tasks),
  };
}

/** Waits until the workers have handled so many tasks since their start, and none is open. */
export async function allDone(rig: Rig, handled: number): Promise<void> {
  while ((await handledBy(rig.workers)) < handled) await sleep(5);
  while (await rig.isBusy()) await sleep(10);
}

export async function handledBy(workers: readonly Program[]): Promise<number> {
  const answers = await Promise.all(
    workers.map((worker) => worker.ask<{ handled: number }>({ question: 'count' })),
  );
  return answers.reduce((sum, { handled }) => sum + handled, 0);
}

/** What a system has used so far: µs of processor time by part, work of stores by name. */
export interface Use {
  readonly cpu: Readonly<Record<string, number>>;
  readonly storeWork: Readonly<Record<string, number>>;
}

export async function useOf(rig: Rig): Promise<Use> {
  const cpu = Object.entries(rig.parts).map(([part, pids]) => {
    const micros = pids.reduce((sum, pid) => sum + cpuMicrosOf(pid), 0);
    return [part, micros] as const;
  });
  const work = await Promise.all(rig.stores.map(async (store) => [store.name, await store.work()] as const));
  return { cpu: Object.fromEntries(cpu), storeWork: Object.fromEntries(work) };
}

export function perTask(before: Use, after: Use, tasks: number) {
  const each = (a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(b).map(([name, value]) => [name, (value - (a[name] ?? 0)) / tasks]));
  const cpu = each(before.cpu, after.cpu);
  return {
    cpu,
    cpuMicrosPerTask: Object.values(cpu).reduce((sum, micros) => sum + micros, 0),
    storeWork: each(before.storeWork, after.storeWork),
  };
}
