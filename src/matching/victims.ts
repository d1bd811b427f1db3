import { byYouth } from '../domain/order/preemption.js';
import { bandInTurn, charged, type Share } from '../domain/order/share.js';
import type { Victim } from '../ports/victim-choice.js';
import type { InstanceState } from './instance-state.js';
import type { Group, Lane, LaneTasks } from './lanes.js';

/** How long one counts as on its way back, beside its grace, and how long none asks again for what was refused. */
export const SENT_BACK_MS = 30_000;
/** Of what may be sent back the youngest are looked at. */
export const MOST_LOOKED_AT = 500;

type Seeker = Pick<Group, 'eligible' | 'unhindered' | 'avoid'>;

/** A LOW task that runs, of a kind that may be sent back, not on the share of the rest. */
export interface Candidate {
  readonly taskId: string;
  readonly epoch: number;
  readonly kind: string;
  readonly instance: InstanceState;
  /** When its agent was chosen, ms; on whichever clock. */
  readonly began: number;
}

/** A task that was chosen to be sent back, and has its slot still. */
export interface SentBack {
  readonly taskId: string;
  readonly epoch: number;
  /** The task that waits for its slot; `null`: it was refused. */
  readonly forTaskId: string | null;
  /** On the clock of `VictimWorld.now`, ms. */
  readonly until: number;
}

export interface VictimWorld {
  /** In order. */
  readonly waiting: readonly { readonly taskId: string; readonly group: Seeker }[];
  readonly candidates: readonly Candidate[];
  readonly sentBack: readonly SentBack[];
  readonly share: Share;
  readonly restShare: number;
  readonly expectedMs: (kind: string) => number;
  readonly graceMs: number;
  readonly now: number;
}

export interface VictimPlan {
  readonly victims: readonly Omit<Victim, 'org'>[];
  /** To be remembered, in place of what was of the same tasks. */
  readonly sentBack: readonly SentBack[];
  /** They keep their slots, on the share of the rest. */
  readonly onShare: readonly Candidate[];
}

/** The lanes of people's tasks that wait for a slot, and for nothing else. */
export function* lanesWithoutSlot<Tasks extends LaneTasks>(
  groups: Iterable<Group<Tasks>>,
): Generator<Lane<Tasks>> {
  for (const group of groups) {
    for (const lane of group.lanes.values()) {
      const { band, held, tasks } = lane;
      const waits = band === 'HUMAN' && !held && !tasks.nothingMayGo && group.free.size === 0;
      if (waits && areBusy(takersOf(group))) yield lane;
    }
  }
}

/** Who is held back gets nothing while others may. */
function takersOf({ eligible, unhindered }: Seeker): ReadonlySet<InstanceState> {
  return unhindered.size > 0 ? unhindered : eligible;
}

/** One that has room may ask for a task at any moment. */
function areBusy(takers: ReadonlySet<InstanceState>): boolean {
  for (const { inFlight, slots, agent } of takers) if (inFlight < slots && !agent.isBarred) return false;
  return takers.size > 0;
}

function mayTakeFrom(group: Seeker, instance: InstanceState): boolean {
  return takersOf(group).has(instance) && instance.agentId !== group.avoid;
}

/** Whom to send back for what waits. */
export function planVictims(world: VictimWorld): VictimPlan {
  const { waiting, restShare, expectedMs, graceMs, now } = world;
  const known = new Map(world.sentBack.map((one) => [one.taskId, one]));
  const left = world.candidates.filter(({ taskId }) => !known.has(taskId)).sort(byYouth);
  const marks: SentBack[] = [];
  const open: SentBack[] = [];
  for (const one of world.sentBack) {
    if (one.forTaskId === null) continue;
    if (one.until > now) open.push(one);
    // Whoever was to see to it has not, or its agent keeps it: others are tried.
    else marks.push({ ...one, forTaskId: null, until: now + SENT_BACK_MS });
  }
  const covered = new Set(open.map(({ forTaskId }) => forTaskId));
  const waits = new Set(waiting.map(({ taskId }) => taskId));
  // What they were for has a slot by now: they are for others.
  const spare = open.filter(({ forTaskId }) => !waits.has(forTaskId ?? ''));
  const instanceOf = new Map(world.candidates.map(({ taskId, instance }) => [taskId, instance]));
  const victims: Omit<Victim, 'org'>[] = [];
  const onShare: Candidate[] = [];
  let { share } = world;

  for (const { taskId, group } of waiting) {
    if (covered.has(taskId)) continue;
    const at = spare.findIndex((one) => {
      const instance = instanceOf.get(one.taskId);
      return instance !== undefined && mayTakeFrom(group, instance);
    });
    const [again] = at < 0 ? [] : spare.splice(at, 1);
    if (again) {
      marks.push({ ...again, forTaskId: taskId });
      continue;
    }
    let candidate = take(left, group);
    while (candidate && bandInTurn(share, restShare) === 'OTHER') {
      onShare.push(candidate);
      share = charged(share, 'OTHER', expectedMs(candidate.kind));
      candidate = take(left, group);
    }
    if (!candidate) continue;
    const { agentId, sessionId } = candidate.instance;
    const { taskId: victim, epoch } = candidate;
    victims.push({ taskId: victim, epoch, agentId, sessionId, forTaskId: taskId });
    marks.push({ taskId: victim, epoch, forTaskId: taskId, until: now + graceMs + SENT_BACK_MS });
  }
  return { victims, sentBack: marks, onShare };
}

/** Takes the first out that a task could have the slot of. */
function take(left: Candidate[], group: Seeker): Candidate | undefined {
  const at = left.findIndex(({ instance }) => mayTakeFrom(group, instance));
  return at < 0 ? undefined : left.splice(at, 1)[0];
}
