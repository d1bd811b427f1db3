import { type Flood, flood } from './measures/flood.js';
import { type OpenLoop, openLoop } from './measures/open-loop.js';
import type { Plan } from './plan.js';
import type { ReadBack } from './read-back.js';
import type { Rig, System } from './rig.js';
import { interleaved, pairedRatio } from './rounds.js';
import { median, quantile } from './statistics.js';

/** What one round has shown of one system. */
interface Round {
  readonly version: string;
  readonly durability: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly flood: Flood;
  readonly lowLoad: OpenLoop;
  readonly halfLoad: (OpenLoop & { readonly rate: number }) | null;
  readonly record: ReadBack;
}

/** What was measured of one system: medians of its rounds. */
export interface SystemFigures {
  readonly name: string;
  readonly version: string;
  readonly durability: string;
  readonly tasksPerSecond: number;
  readonly acknowledgedPerSecond: number;
  /** Of all processes, in µs. */
  readonly cpuMicrosPerTask: number;
  readonly cpu: Readonly<Record<string, number>>;
  readonly storeWork: Readonly<Record<string, number>>;
  /** Intended submission → the handler runs, at `rate`; all rounds together. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Then, by part, in µs a task. */
  readonly lowLoadCpu: Readonly<Record<string, number>>;
  /** The same at half of what the flood before it reached; `null`: not measured. */
  readonly halfLoad: { readonly rate: number; readonly p50Ms: number; readonly p99Ms: number } | null;
  /** Must be 0, over all rounds. */
  readonly lost: number;
  readonly duplicated: number;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly rounds: readonly Flood[];
}

export interface Comparison {
  readonly systems: readonly SystemFigures[];
  /** Tasks per second of the first system over that of each other: medians of the ratios within rounds. */
  readonly ratios: Readonly<Record<string, number>>;
}

/** Tasks per second and delays of several systems, side by side in interleaved rounds, each on empty stores. */
export async function compare(
  plan: Plan,
  systems: readonly System[],
  say: (text: string) => void,
): Promise<Comparison> {
  const byName = new Map(systems.map((system) => [system.name, system]));
  const rounds = await interleaved([...byName.keys()], plan.runs, async (name, round) => {
    const system = byName.get(name);
    if (!system) throw new Error(`no system ${name}`);
    const measured = await measure(plan, system);
    const { tasksPerSecond, cpuMicrosPerTask } = measured.flood;
    const figures = `${Math.round(tasksPerSecond)}/s, ${Math.round(cpuMicrosPerTask)} µs a task`;
    say(`round ${round + 1} of ${plan.runs}, ${name}: ${figures}`);
    return measured;
  });
  const [ours] = systems;
  const figures = [...rounds].map(([name, all]) => figuresOf(name, all));
  const ratios = [...rounds].flatMap(([name, all]) => {
    if (!ours || name === ours.name) return [];
    const ratio = pairedRatio(rounds.get(ours.name) ?? [], all, (one) => one.flood.tasksPerSecond);
    return [[name, ratio] as const];
  });
  return { systems: figures, ratios: Object.fromEntries(ratios) };
}

/** What takes no more than so many a second is given what it takes in this time. */
const SLOW_SECONDS = 10;

async function measure(plan: Plan, system: System): Promise<Round> {
  const rig = await system.open(plan.agents);
  try {
    const { version, durability, settings } = rig;
    const most = (tasks: number, seconds: number) =>
      rig.mostPerSecond === null ? tasks : Math.min(tasks, Math.ceil(rig.mostPerSecond * seconds));
    await flood(rig, { ...plan, tasks: most(plan.warmUp, SLOW_SECONDS) });
    const flooded = await flood(rig, { ...plan, tasks: most(plan.tasks, SLOW_SECONDS) });
    const rate = most(plan.rate, 1) < plan.rate ? (rig.mostPerSecond ?? plan.rate) / 2 : plan.rate;
    await openLoop(rig, { rate, seconds: 10 });
    const lowLoad = await openLoop(rig, { ...plan, rate });
    const halfLoad = plan.isHalfLoadWanted ? await atHalfLoad(rig, plan, flooded) : null;
    return { version, durability, settings, flood: flooded, lowLoad, halfLoad, record: await rig.readBack() };
  } finally {
    await rig.stop();
  }
}

async function atHalfLoad(rig: Rig, { seconds }: Plan, { tasksPerSecond }: Flood) {
  const rate = Math.max(1, Math.round(tasksPerSecond / 2));
  await openLoop(rig, { rate, seconds: Math.min(3, seconds) });
  return { rate, ...(await openLoop(rig, { rate, seconds })) };
}

function figuresOf(name: string, rounds: readonly Round[]): SystemFigures {
  const [first] = rounds;
  if (!first) throw new Error(`${name} was not measured`);
  const middle = (of: (one: Flood) => number) => median(rounds.map((round) => of(round.flood)));
  const middles = (of: (one: Flood) => Readonly<Record<string, number>>) =>
    Object.fromEntries(
      Object.keys(of(first.flood)).map((part) => [part, middle((one) => of(one)[part] ?? 0)]),
    );
  const delays = rounds.flatMap(({ lowLoad }) => lowLoad.delays);
  const lowLoadCpu = Object.keys(first.lowLoad.cpu).map((part) => {
    return [part, median(rounds.map(({ lowLoad }) => lowLoad.cpu[part] ?? 0))] as const;
  });
  const halves = rounds.flatMap(({ halfLoad }) => halfLoad ?? []);
  const halfDelays = halves.flatMap((half) => half.delays);
  const sum = (of: (record: ReadBack) => number) => rounds.reduce((n, { record }) => n + of(record), 0);
  return {
    name,
    version: first.version,
    durability: first.durability,
    tasksPerSecond: middle((one) => one.tasksPerSecond),
    acknowledgedPerSecond: middle((one) => one.acknowledgedPerSecond),
    cpuMicrosPerTask: middle((one) => one.cpuMicrosPerTask),
    cpu: middles((one) => one.cpu),
    storeWork: middles((one) => one.storeWork),
    p50Ms: quantile(delays, 0.5),
    p99Ms: quantile(delays, 0.99),
    lowLoadCpu: Object.fromEntries(lowLoadCpu),
    halfLoad:
      halves.length === 0
        ? null
        : {
            rate: median(halves.map(({ rate }) => rate)),
            p50Ms: quantile(halfDelays, 0.5),
            p99Ms: quantile(halfDelays, 0.99),
          },
    lost: sum((record) => record.lost),
    duplicated: sum((record) => record.duplicated),
    settings: first.settings,
    rounds: rounds.map((round) => round.flood),
  };
}
