import { setTimeout as sleep } from 'node:timers/promises';
import { handledBy, perTask, useOf } from './measures/flood.js';
import type { Plan } from './plan.js';
import { monotonicMs } from './program.js';
import type { Rig, System } from './rig.js';
import { interleaved } from './rounds.js';
import { median } from './statistics.js';

/** One system at one size: of its backlog, or of its fleet. */
export interface AtSize {
  readonly name: string;
  readonly version: string;
  readonly durability: string;
  readonly size: number;
  readonly tasksPerSecond: number;
  readonly cpuMicrosPerTask: number;
  readonly cpu: Readonly<Record<string, number>>;
  /** Processor time a task by part, in µs, where tasks come one by one; `null`: not measured. */
  readonly steadyCpu: Readonly<Record<string, number>> | null;
  /** What each agent adds to the coordinator's memory before there is work; `null`: not measured. */
  readonly idleKib: number | null;
  /** Over all rounds; must be 0. Lost: acknowledged, and not in the record, in whatever state. */
  readonly lost: number;
  readonly duplicated: number;
}

/** What one round has shown. */
type Measured = Pick<AtSize, 'tasksPerSecond' | 'cpuMicrosPerTask' | 'cpu' | 'idleKib' | 'steadyCpu'>;

/** What is done behind the scenes after a long submission settles in this time. */
const SETTLE_MS = 3_000;

/**
 * Throughput and CPU a task while that many wait: they are submitted, then workers come and the first
 * of them are measured, the very first of those as a warm-up.
 */
export function compareBacklogs(
  plan: Plan,
  systems: readonly System[],
  say: (text: string) => void,
): Promise<readonly AtSize[]> {
  return atSizes(plan, systems, say, async (rig, size) => {
    const { batch, inFlight } = plan;
    await rig.client.ask({ do: 'flood', tasks: size + plan.warmUp + plan.tasks, batch, inFlight });
    await sleep(SETTLE_MS);
    await rig.addWorkers(plan.agents);
    await reached(rig, plan.warmUp);
    return measured(rig, plan.tasks);
  });
}

/** Each system at each size, in interleaved rounds, on empty stores; medians. */
export async function atSizes(
  plan: Plan,
  systems: readonly System[],
  say: (text: string) => void,
  measure: (rig: Rig, size: number) => Promise<Measured>,
): Promise<readonly AtSize[]> {
  const cases = systems.flatMap((system) => plan.sizes.map((size) => ({ system, size })));
  const byKey = new Map(cases.map((one) => [`${one.system.name} at ${one.size}`, one]));
  const rounds = await interleaved([...byKey.keys()], plan.runs, async (key, round) => {
    const { system, size } = byKey.get(key) ?? {};
    if (!system || size === undefined) throw new Error(`no case ${key}`);
    const rig = await system.open(0);
    try {
      const found = await measure(rig, size);
      const coordinator = found.cpu.coordinator ?? 0;
      const figures = `${Math.round(found.tasksPerSecond)}/s, ${Math.round(found.cpuMicrosPerTask)} µs a task`;
      say(
        `round ${round + 1} of ${plan.runs}, ${key}: ${figures}, ${Math.round(coordinator)} of the coordinator`,
      );
      const { version, durability } = rig;
      const { acknowledged, tasks, duplicated } = await rig.readBack();
      return { ...found, version, durability, lost: Math.max(0, acknowledged - tasks), duplicated };
    } finally {
      await rig.stop();
    }
  });
  return [...byKey].map(([key, { system, size }]) => {
    const all = rounds.get(key) ?? [];
    const byPart = (of: (one: Measured) => Readonly<Record<string, number>>) =>
      Object.fromEntries(
        Object.keys(all[0] ? of(all[0]) : {}).map((part) => [
          part,
          median(all.map((one) => of(one)[part] ?? 0)),
        ]),
      );
    const sum = (of: 'lost' | 'duplicated') => all.reduce((n, one) => n + one[of], 0);
    return {
      name: system.name,
      version: all[0]?.version ?? '',
      durability: all[0]?.durability ?? '',
      size,
      tasksPerSecond: median(all.map((one) => one.tasksPerSecond)),
      cpuMicrosPerTask: median(all.map((one) => one.cpuMicrosPerTask)),
      cpu: byPart((one) => one.cpu),
      steadyCpu: all.some((one) => one.steadyCpu === null) ? null : byPart((one) => one.steadyCpu ?? {}),
      idleKib: all.some((one) => one.idleKib === null) ? null : median(all.map((one) => one.idleKib ?? 0)),
      lost: sum('lost'),
      duplicated: sum('duplicated'),
    };
  });
}

/** From now until so many more are handled. */
async function measured(rig: Rig, tasks: number): Promise<Measured> {
  const before = await handledBy(rig.workers);
  const used = await useOf(rig);
  const startMs = monotonicMs();
  const handled = await reached(rig, before + tasks);
  const { cpu, cpuMicrosPerTask } = perTask(used, await useOf(rig), handled - before);
  const tasksPerSecond = ((handled - before) * 1_000) / (monotonicMs() - startMs);
  return { tasksPerSecond, cpu, cpuMicrosPerTask, idleKib: null, steadyCpu: null };
}

async function reached(rig: Rig, handled: number): Promise<number> {
  for (;;) {
    const count = await handledBy(rig.workers);
    if (count >= handled) return count;
    await sleep(5);
  }
}
