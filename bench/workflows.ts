import { setTimeout as sleep } from 'node:timers/promises';
import { allDone, type Flood, flood, handledBy, perTask, useOf } from './measures/flood.js';
import { watchMemory } from './measures/peak-memory.js';
import type { Plan } from './plan.js';
import { monotonicMs } from './program.js';
import type { ChainAnswer, FanOutAnswer } from './programs/workflow-client.js';
import type { Rig, System } from './rig.js';
import { median } from './statistics.js';

/** A task that expands to so many, and whose results are put together. */
export interface FanOut {
  readonly size: number;
  /** From the call until an agent has the first of them. */
  readonly firstDispatchMs: number;
  /** From the call until the last of them was handled. */
  readonly tasksPerSecond: number;
  /** That, as a share of what the same coordinator does of plain tasks. */
  readonly shareOfPlain: number;
  /** Processor time of all processes, until the workflow has ended, in µs; and as a share of that of plain tasks. */
  readonly cpuMicrosPerTask: number;
  readonly cpuOfPlain: number;
  /** From the last of them until the workflow has ended. */
  readonly mergedMs: number;
  /** Results that its one output holds. */
  readonly merged: number;
  /** By how much the coordinator's resident memory was above what it was before, at most. */
  readonly peakMib: number;
}

export interface WorkflowFigures {
  readonly version: string;
  /** Plain tasks. */
  readonly plainPerSecond: number;
  readonly fanOuts: readonly FanOut[];
  /** Of a chain of tasks: each, from the end of one to the end of the next. */
  readonly chainStepMs: number;
  /** The same of plain tasks, each submitted when the one before it has ended. */
  readonly plainStepMs: number;
}

const CHAIN = 100;
/** Items of the expansion that does not count. */
const WARM_UP = 5_000;

/** Expansions of each size, and a chain, against plain tasks on the same coordinator; medians of the rounds. */
export async function measureWorkflows(
  plan: Plan,
  system: System,
  say: (text: string) => void,
): Promise<WorkflowFigures> {
  const rounds: WorkflowFigures[] = [];
  for (let round = 0; round < plan.runs; round++) {
    const one = await measureOnce(plan, system);
    const fanOuts = one.fanOuts.map(
      ({ size, tasksPerSecond }) => `${size} in one: ${Math.round(tasksPerSecond)}/s`,
    );
    const figures = [`plain ${Math.round(one.plainPerSecond)}/s`, ...fanOuts].join(', ');
    const steps = `a step ${one.chainStepMs.toFixed(1)} ms, plain ${one.plainStepMs.toFixed(1)} ms`;
    say(`round ${round + 1} of ${plan.runs}: ${figures}; ${steps}`);
    rounds.push(one);
  }
  const middle = (of: (one: WorkflowFigures) => number) => median(rounds.map(of));
  return {
    version: rounds[0]?.version ?? '',
    plainPerSecond: middle((one) => one.plainPerSecond),
    fanOuts: plan.sizes.map((size, at): FanOut => {
      const each = (of: (one: FanOut) => number) =>
        median(rounds.flatMap(({ fanOuts }) => (fanOuts[at] ? [of(fanOuts[at])] : [])));
      return {
        size,
        firstDispatchMs: each((one) => one.firstDispatchMs),
        tasksPerSecond: each((one) => one.tasksPerSecond),
        shareOfPlain: each((one) => one.shareOfPlain),
        cpuMicrosPerTask: each((one) => one.cpuMicrosPerTask),
        cpuOfPlain: each((one) => one.cpuOfPlain),
        mergedMs: each((one) => one.mergedMs),
        merged: each((one) => one.merged),
        peakMib: each((one) => one.peakMib),
      };
    }),
    chainStepMs: middle((one) => one.chainStepMs),
    plainStepMs: middle((one) => one.plainStepMs),
  };
}

async function measureOnce(plan: Plan, system: System): Promise<WorkflowFigures> {
  const rig = await system.open(plan.agents);
  try {
    if (plan.warmUp > 0) await flood(rig, { ...plan, tasks: plan.warmUp });
    const plain = await flood(rig, plan);
    const fanOuts: FanOut[] = [];
    // Plain tasks had their warm-up; what only workflows do has this one.
    if (plan.warmUp > 0) await fanOut(rig, WARM_UP, plain);
    for (const size of plan.sizes) fanOuts.push(await fanOut(rig, size, plain));
    const [chainStepMs, plainStepMs] = await steps(rig);
    return {
      version: rig.version,
      plainPerSecond: plain.tasksPerSecond,
      fanOuts,
      chainStepMs,
      plainStepMs,
    };
  } finally {
    await rig.stop();
  }
}

async function fanOut(rig: Rig, size: number, plain: Flood): Promise<FanOut> {
  const [pid] = rig.parts.coordinator ?? [];
  if (pid === undefined) throw new Error('there is no coordinator to weigh');
  await Promise.all(rig.workers.map((worker) => worker.ask({ question: 'forget' })));
  const before = await handledBy(rig.workers);
  const used = await useOf(rig);
  const memory = watchMemory(pid);
  const ended = rig.client.ask<FanOutAnswer>({ do: 'fan-out', size });
  while ((await handledBy(rig.workers)) < before + size) await sleep(2);
  const lastMs = monotonicMs();
  const { startMs, endMs, merged } = await ended;
  const peakMib = memory.stop() / 1024 / 1024;
  await allDone(rig, before + size);
  const { cpuMicrosPerTask } = perTask(used, await useOf(rig), size);
  const firsts = await Promise.all(
    rig.workers.map((worker) => worker.ask<{ firstMs: number | null }>({ question: 'first' })),
  );
  const firstMs = Math.min(...firsts.flatMap(({ firstMs }) => (firstMs === null ? [] : [firstMs])));
  const tasksPerSecond = (size * 1_000) / (lastMs - startMs);
  return {
    size,
    firstDispatchMs: firstMs - startMs,
    tasksPerSecond,
    shareOfPlain: tasksPerSecond / plain.tasksPerSecond,
    cpuMicrosPerTask,
    cpuOfPlain: cpuMicrosPerTask / plain.cpuMicrosPerTask,
    mergedMs: Math.max(0, endMs - lastMs),
    merged,
    peakMib,
  };
}

/** Each alone: what comes along with it makes neither faster. */
async function steps({ client }: Rig): Promise<readonly [number, number]> {
  const chain = async (how: 'workflow' | 'plain') => {
    const { startMs, endMs } = await client.ask<ChainAnswer>({ do: 'chain', how, length: CHAIN });
    return (endMs - startMs) / CHAIN;
  };
  await chain('workflow');
  await chain('plain');
  return [await chain('workflow'), await chain('plain')];
}
