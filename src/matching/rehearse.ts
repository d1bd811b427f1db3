import type { KindRecord } from '../domain/agents/kind-record.js';
import type { Rehearsal } from '../domain/explain/lane-place.js';
import type { Candidates, TaskFacts } from '../domain/selection/strategy.js';
import type { InstanceState } from './instance-state.js';
import { byBandAndScore, type Group, type Lane, type LaneTasks, type Scored } from './lanes.js';
import type { MatchingOptions } from './matching-options.js';
import { rememberTurns } from './remember-turns.js';
import { type Affinity, warmFree } from './warm-choice.js';

/** Tasks of more than this are not rehearsed. */
const MAX_TASKS = 500;

/** The next tasks of a lane. */
export interface Queue<Tasks extends LaneTasks> {
  readonly lane: Lane<Tasks>;
  readonly tasks: readonly (Scored & TaskFacts)[];
}

interface RehearsalWorld extends Pick<MatchingOptions, 'clock' | 'random' | 'strategyOf'> {
  readonly affinity: Affinity;
}

/**
 * What the pop would do with tasks if they were all to be had, on copies: who gets which, in order. `null`: chance
 * decides, or there are too many.
 */
export function rehearse<Tasks extends LaneTasks>(
  queues: readonly Queue<Tasks>[],
  { clock, random, strategyOf, affinity }: RehearsalWorld,
): Rehearsal | null {
  const all = queues.flatMap(({ lane, tasks }) => tasks.map((task) => ({ ...task, band: lane.band, lane })));
  if (all.length > MAX_TASKS) return null;
  const copies = new Map<InstanceState, InstanceState>();
  const copyOf = (state: InstanceState) => {
    const copy = copies.get(state) ?? { ...state };
    copies.set(state, copy);
    return copy;
  };
  const turns = new Map(queues.map(({ lane: { group } }) => [group, turnsOf(group)]));
  /** Agents that are due for a probe get one task of a kind, and are kept back again. */
  const probed = new Map<KindRecord, Set<string>>();
  const taken: { taskId: string; agentId: string }[] = [];
  let choices = Number.MAX_SAFE_INTEGER / 2;
  for (const task of all.sort(byBandAndScore)) {
    const { group } = task.lane;
    const strategy = strategyOf(group.org, group.requirements.balancing);
    if (strategy.figure.costOf === null) return null;
    const tried = probed.get(group.kind) ?? new Set<string>();
    const free = butTried(takersIn(group), tried)
      .map(copyOf)
      .filter(({ granted, assigned }) => granted > assigned);
    const now = clock.monotonic();
    const situation = { now, random, measured: group.kind.measured };
    const own = turns.get(group) ?? new Map();
    const forgo = rememberTurns(own);
    const named = strategy(task, candidatesOf(free), { ...situation, turns: own });
    if (!named) continue;
    const key = group.requirements.agentId === null ? (task.keys?.affinity ?? null) : null;
    const freeOf = (agentId: string) => free.filter((one) => one.agentId === agentId);
    const chosen = (key !== null && warmFree(key, group, named, freeOf, { affinity, now })) || named;
    if (chosen !== named) forgo();
    Object.assign(chosen, { assigned: chosen.assigned + 1, inFlight: chosen.inFlight + 1 });
    chosen.lastChosen = ++choices;
    for (const { agentId } of group.kind.holds()) {
      if (agentId === chosen.agentId) probed.set(group.kind, tried.add(agentId));
    }
    taken.push({ taskId: task.taskId, agentId: chosen.agentId });
  }
  return taken;
}

/** Those who are kept back only get something if there is nobody else. */
function butTried(takers: readonly InstanceState[], tried: ReadonlySet<string>): readonly InstanceState[] {
  const others = takers.filter(({ agentId }) => !tried.has(agentId));
  return others.length > 0 ? others : takers;
}

/** Of those who are eligible, the ones that get a task while they have credit, as `Group.free` has it. */
export function takersIn<Tasks extends LaneTasks>(group: Group<Tasks>): readonly InstanceState[] {
  const { avoid, eligible, unhindered } = group;
  if (avoid === null) return [...(unhindered.size > 0 ? unhindered : eligible)];
  const others = [...unhindered].filter(({ agentId }) => agentId !== avoid);
  return others.length > 0 ? others : [...eligible];
}

function turnsOf<Tasks extends LaneTasks>({ turns }: Group<Tasks>) {
  return new Map([...turns].map(([sessionId, { earned }]) => [sessionId, { earned }]));
}

function candidatesOf(free: readonly InstanceState[]): Candidates<InstanceState> {
  return {
    [Symbol.iterator]: () => free[Symbol.iterator](),
    first: (order) => [...free].sort(order)[0] ?? null,
    second: (order) => [...free].sort(order)[1] ?? null,
  };
}
