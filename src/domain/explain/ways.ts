import type { AgentSpec } from '../agents/agent.js';
import type { Condition } from '../agents/eligibility.js';
import type { Requirements } from '../tasks/requirements.js';
import { type Band, bandOf } from '../tasks/source.js';
import type { Change } from './explanation.js';
import type { AgentFacts, Facts } from './facts.js';
import type { LaneAhead, LanePlace } from './lane-place.js';

const HEALTHY: Condition = { health: 1, intent: 'ACTIVE' };
/** Tasks that are named. */
const MOST_NAMED = 100;
/** How long a task waits for another agent than its last at most, where no more is known. */
const ELSEWHERE_MS = 5_000;

/** How a task can come to an agent: what has to change, and what goes to the same agents before it. */
export interface Way {
  /** `null`: nothing, somebody is free. */
  readonly change: Change | null;
  /** Tasks that have to be gone, so that it is the next for these agents. */
  readonly leave: { readonly count: number; readonly taskIds: readonly string[] };
}

/**
 * The shortest way to an agent: the one with the fewest tasks that have to leave. If nobody may get it,
 * that somebody is made fit for it who lacks one thing, else that one is added.
 */
export function wayToAgent(facts: Facts): Way {
  const { place } = facts;
  const eligible = facts.agents.filter(({ against, instances }) => against.length === 0 && instances > 0);
  if (place === null) return eligible.length > 0 ? { change: null, leave: NOBODY } : fittest(facts);
  const free = eligible.filter(({ spec, credit }) => credit > 0 && place.takers.has(spec.agentId));
  if (free.length > 0) {
    const goesTo = (lane: LaneAhead) => free.some(({ spec }) => lane.goesTo(spec.agentId));
    const leave = leaveFor(place, goesTo, creditOf(free));
    // Credit alone does not tell: an agent on probation gets one task, whatever it asks for.
    const competes = releasedLanes(place).some(goesTo);
    return { change: null, leave: competes ? (rehearsed(facts, place, free) ?? leave) : leave };
  }
  const ways = [
    ...waitForLast(facts, place, eligible),
    ...waitForHeldBack(facts, place, eligible),
    ...waitForSlot(place, eligible),
  ];
  const [first, ...others] = ways;
  if (!first) return fittest(facts);
  return others.reduce((a, b) => (b.leave.count < a.leave.count ? b : a), first);
}

const NOBODY = { count: 0, taskIds: [] };

function creditOf(agents: readonly AgentFacts[]): number {
  return agents.reduce((sum, { credit }) => sum + credit, 0);
}

/** Those that have to leave so that the pop gives the task to one of those who are free for it. */
function rehearsed({ task }: Facts, place: LanePlace, free: readonly AgentFacts[]): Way['leave'] | null {
  const lanes = releasedLanes(place);
  const takers = new Set(free.map(({ spec }) => spec.agentId));
  const left = new Set<string>();
  for (;;) {
    const given = place.rehearse(lanes, left);
    if (given === null) return null;
    if (given.some(({ taskId }) => taskId === task.taskId)) break;
    const last = given.findLast(({ agentId }) => takers.has(agentId));
    if (!last) return null;
    left.add(last.taskId);
  }
  return {
    count: left.size,
    taskIds: inOrder(lanes)
      .filter((taskId) => left.has(taskId))
      .slice(0, MOST_NAMED),
  };
}

/** Another agent is to get it for a while; then the one that had it may. */
function* waitForLast(facts: Facts, place: LanePlace, eligible: readonly AgentFacts[]): Generator<Way> {
  const last = eligible.find(({ spec }) => spec.agentId === place.avoid?.agentId);
  if (!place.avoid || !last || last.credit === 0 || place.takers.has(last.spec.agentId)) return;
  if (place.heldUntil.has(last.spec.agentId)) return;
  const { spec, condition, credit } = last;
  const goesTo = (lane: LaneAhead) =>
    lane.goesTo(spec.agentId) || place.wouldMeet(spec, condition, lane.requirements);
  const time = place.avoid.until ?? facts.now + ELSEWHERE_MS;
  yield { change: { kind: 'WAIT_UNTIL', time }, leave: leaveFor(by(time, facts, place), goesTo, credit) };
}

/** Each gets one task to show that it can do better. */
function* waitForHeldBack(facts: Facts, place: LanePlace, eligible: readonly AgentFacts[]): Generator<Way> {
  const held = eligible.filter(({ spec, credit }) => credit > 0 && place.heldUntil.has(spec.agentId));
  const untils = held.map(({ spec }) => place.heldUntil.get(spec.agentId) as number);
  if (held.length === 0) return;
  const time = Math.min(...untils);
  const first = held.filter((_, i) => (untils[i] as number) <= time);
  const goesTo = (lane: LaneAhead) =>
    first.some(({ spec, condition }) => place.wouldMeet(spec, condition, lane.requirements));
  const leave = leaveFor(by(time, facts, place), goesTo, first.length);
  yield { change: { kind: 'WAIT_UNTIL', time }, leave };
}

/** Where the task will stand at a time: what waits for its own until then may go before it. */
function by(time: number, { task, delayed }: Facts, place: LanePlace): LanePlace {
  const own = { taskId: task.taskId, score: place.score, band: place.band };
  const due = delayed.filter(({ taskId, score, spec: { source }, runTime }) => {
    return runTime !== null && runTime <= time && isBefore({ taskId, score, band: bandOf(source) }, own);
  });
  const lanes = due.map(({ taskId, tier, score, spec: { kind, requirements, source } }): LaneAhead => {
    const holds = place.holdsOf(kind, tier);
    const common = { requirements, holds, durations: null, isServed: true, band: bandOf(source) };
    return { ...common, count: 1, first: [{ taskId, score }], goesTo: () => false };
  });
  return lanes.length === 0 ? place : { ...place, ahead: [...place.ahead, ...lanes] };
}

type Ordered = { readonly taskId: string; readonly score: number; readonly band: Band };

/** The first tasks of lanes as they would be given out. */
function inOrder(lanes: readonly LaneAhead[]): readonly string[] {
  const all = lanes.flatMap(({ band, first }) => first.map((one): Ordered => ({ ...one, band })));
  return all.sort((a, b) => (isBefore(a, b) ? -1 : 1)).map(({ taskId }) => taskId);
}

function isBefore(a: Ordered, b: Ordered): boolean {
  if (a.band !== b.band) return a.band === 'HUMAN';
  return a.score === b.score ? a.taskId < b.taskId : a.score < b.score;
}

function* waitForSlot(place: LanePlace, eligible: readonly AgentFacts[]): Generator<Way> {
  const busy = eligible.filter(({ spec }) => place.takers.has(spec.agentId));
  if (busy.length === 0) return;
  const ways = busy.map(({ spec: { agentId } }) => {
    return { agentId, leave: leaveFor(place, (lane) => lane.goesTo(agentId), 1) };
  });
  const least = Math.min(...ways.map(({ leave }) => leave.count));
  const best = ways.filter(({ leave }) => leave.count === least);
  const [first] = best;
  if (!first) return;
  const change = { kind: 'FREE_SLOT', agentIds: best.map(({ agentId }) => agentId) } as const;
  yield { change, leave: first.leave };
}

/** Where nobody may get it. */
function fittest(facts: Facts): Way {
  const { agents, place, task } = facts;
  const { requirements, jobSpaceId } = task.spec;
  for (const agent of agents) {
    const fixed = agent.instances > 0 && agent.credit > 0 ? fixedBy(agent) : null;
    if (!fixed) continue;
    const { change, condition } = fixed;
    return { change, leave: leaveForOne(place, agent.spec, condition, requirements, agent.credit) };
  }
  const change = { kind: 'ADD_AGENT', requirements, roleIds: requirements.roles, jobSpaceId } as const;
  return { change, leave: leaveForOne(place, newAgent(requirements), HEALTHY, requirements, 1) };
}

/** What one change would make of an agent, if that is all it lacks. */
function fixedBy(agent: AgentFacts): { readonly change: Change; readonly condition: Condition } | null {
  const { agentId } = agent.spec;
  if (agent.against.length !== 1) return null;
  const [what] = agent.against;
  if (what === 'HEALTH') {
    return { change: { kind: 'HEAL_AGENT', agentId }, condition: { ...agent.condition, health: 1 } };
  }
  if (what !== 'INACTIVE' && what !== 'DRAINING') return null;
  return { change: { kind: 'ACTIVATE_AGENT', agentId }, condition: { ...agent.condition, intent: 'ACTIVE' } };
}

/** One that meets requirements, and nothing beyond. */
export function newAgent(r: Requirements): AgentSpec {
  return {
    agentId: r.agentId ?? '',
    agentType: r.agentType ?? 'WORKER',
    capabilities: r.capabilities,
    services: r.services,
    tags: r.tags,
    region: r.region,
    ...{ endpoints: {}, metadata: {}, version: '', location: null, weight: null },
  };
}

function leaveForOne(
  place: LanePlace | null,
  spec: AgentSpec,
  condition: Condition,
  { pool }: Requirements,
  credit: number,
): Way['leave'] {
  if (place === null) return NOBODY;
  const goesTo = ({ requirements }: LaneAhead) =>
    (requirements.pool === null || requirements.pool === pool) &&
    place.wouldMeet(spec, condition, requirements);
  return leaveFor(place, goesTo, credit);
}

/** Of the tasks that go first to agents with so much credit, those that are too many. */
function leaveFor(place: LanePlace, goesTo: (lane: LaneAhead) => boolean, credit: number): Way['leave'] {
  const lanes = releasedLanes(place).filter(goesTo);
  const count = countOf(lanes) - credit + 1;
  if (count <= 0) return NOBODY;
  return { count, taskIds: inOrder(lanes).slice(0, Math.min(count, MOST_NAMED)) };
}

/** Those out of which tasks are given once the task's own is. */
export function releasedLanes({ ahead, holds }: LanePlace): readonly LaneAhead[] {
  const own = new Set(holds.map(({ name }) => name));
  return ahead.filter((lane) => lane.holds.every((name) => own.has(name)));
}

export function countOf(lanes: readonly LaneAhead[]): number {
  return lanes.reduce((sum, { count }) => sum + count, 0);
}
