import { isEligible } from '../domain/agents/eligibility.js';
import type { LaneAhead, LanePlace } from '../domain/explain/lane-place.js';
import type { TaskFacts } from '../domain/selection/strategy.js';
import type { Holds } from './holds.js';
import type { Group, Lane, LaneTasks, Scored } from './lanes.js';
import type { MatchingOptions } from './matching-options.js';
import { type Queue, rehearse, takersIn } from './rehearse.js';
import type { TrackRecord } from './track-record.js';
import { affinityBy } from './warm-choice.js';

/** Tasks of a lane that are counted at most, and of which ids are told. */
export const MOST_COUNTED = 100_000;
export const MOST_NAMED = 100;
/** Lanes that are looked at; of an organisation with more, those that go first are not all told of. */
const MAX_LANES = 10_000;

/** Tasks of a lane that go before one. */
export interface Before {
  readonly count: number;
  /** The first of them, at most `MOST_NAMED`, in order. */
  readonly tasks: readonly (Scored & TaskFacts)[];
}

export interface PlaceWorld<Tasks extends LaneTasks>
  extends Pick<MatchingOptions, 'clock' | 'random' | 'strategyOf' | 'minHealth' | 'terms' | 'orderTerms'> {
  /** Of the organisation. */
  readonly groups: Iterable<Group<Tasks>>;
  readonly holds: Pick<Holds, 'of'>;
  readonly track: Pick<TrackRecord, 'warm'>;
  /** See `LanePlace`. */
  readonly limits?: LanePlace['limits'];
  readonly turn?: LanePlace['turn'];
  readonly victim?: LanePlace['victim'];
  /** Monotonic, ms; `null`: not known. */
  readonly elsewhereUntil: number | null;
  /** Tasks of a lane that go before. */
  readonly before: (lane: Lane<Tasks>) => Before;
}

/** The lanes of which some tasks may go before those of another. */
export function* lanesBefore<Tasks extends LaneTasks>(
  groups: Iterable<Group<Tasks>>,
  { band }: Pick<Lane, 'band'>,
): Generator<Lane<Tasks>> {
  let looked = 0;
  for (const group of groups) {
    for (const lane of group.lanes.values()) {
      if (lane.band === 'OTHER' && band === 'HUMAN') continue;
      yield lane;
      looked += 1;
      if (looked === MAX_LANES) return;
    }
  }
}

/** Where a task of a lane stands. */
export function placeOf<Tasks extends LaneTasks>(
  task: Scored & TaskFacts,
  lane: Lane<Tasks>,
  world: PlaceWorld<Tasks>,
): LanePlace {
  const { holds, clock, random, strategyOf, terms, elsewhereUntil, before } = world;
  const { group, band, tier } = lane;
  const { org, kind, turns, avoid } = group;
  const strategy = strategyOf(org, group.requirements.balancing);
  const minHealth = terms?.minHealthOf(org) ?? world.minHealth;
  const wall = (monotonic: number) => Math.ceil(clock.now() + monotonic - clock.monotonic());
  const holdsOf = (of: string, at: Lane['tier']) => holds.of(org, of, at).map(({ name }) => name);
  const ahead: LaneAhead[] = [];
  const queues: Queue<Tasks>[] = [];
  for (const other of lanesBefore(world.groups, lane)) {
    const { count, tasks } = before(other);
    if (count === 0) continue;
    const first = tasks.map(({ taskId, score }) => ({ taskId, score }));
    const { requirements, eligible, kind: its } = other.group;
    const names = holdsOf(its.kind, other.tier);
    const { durations } = its;
    const common = { requirements, count, first, holds: names, durations, band: other.band };
    ahead.push({ ...common, isServed: eligible.size > 0, goesTo: goesTo(other.group) });
    queues.push({ lane: other, tasks });
  }
  const heldUntil = new Map<string, number>();
  for (const { agentId, until } of kind.holds()) {
    if (until > clock.monotonic()) heldUntil.set(agentId, wall(until));
  }
  const situation = { now: clock.monotonic(), random, turns, measured: kind.measured };
  const figures = new Map<string, number>();
  const { measure, costOf } = strategy.figure;
  for (const state of costOf ? group.eligible : []) {
    const cost = costOf ? costOf(state, task, situation) : 0;
    figures.set(state.agentId, Math.min(cost, figures.get(state.agentId) ?? Number.POSITIVE_INFINITY));
  }
  return {
    score: task.score,
    ...{ band, tier, ahead, heldUntil, measure, figures },
    limits: world.limits ?? [],
    turn: world.turn ?? null,
    victim: world.victim ?? null,
    holds: holds.of(org, kind.kind, tier),
    takers: takersOf(group),
    avoid: avoid === null ? null : { agentId: avoid, until: elsewhereUntil && wall(elsewhereUntil) },
    strategy: strategy.strategyName,
    durations: kind.durations,
    rehearse: (lanes, without) => {
      const asked = queues.filter((_, i) => lanes.includes(ahead[i] as LaneAhead));
      if (asked.some((_, i) => (lanes[i]?.count ?? 0) > MOST_NAMED)) return null;
      const left = asked.map((queue) => {
        return { ...queue, tasks: queue.tasks.filter(({ taskId }) => !without.has(taskId)) };
      });
      const affinity = affinityBy(world.track, world.orderTerms);
      return rehearse([...left, { lane, tasks: [task] }], { ...world, affinity });
    },
    holdsOf,
    wouldMeet: (spec, condition, requirements) =>
      isEligible(spec, condition, { ...requirements, pool: null }, minHealth),
  };
}

function takersOf<Tasks extends LaneTasks>(group: Group<Tasks>): Set<string> {
  return new Set(takersIn(group).map(({ agentId }) => agentId));
}

/** Made when it is asked: of many lanes nobody does. */
function goesTo<Tasks extends LaneTasks>(group: Group<Tasks>): LaneAhead['goesTo'] {
  let takers: Set<string> | null = null;
  return (agentId) => {
    takers ??= takersOf(group);
    return takers.has(agentId);
  };
}
