import type { Selection } from '../domain/selection/selection.js';
import type { Strategy, TaskFacts } from '../domain/selection/strategy.js';
import type { StrategyName } from '../domain/selection/strategy-name.js';
import type { Band } from '../domain/tasks/source.js';
import type { Tier } from '../domain/tasks/tier.js';
import { type Choice, choose } from '../matching/choose.js';
import type { InstanceState } from '../matching/instance-state.js';
import { byBandAndScore } from '../matching/lanes.js';
import { rememberTurns } from '../matching/remember-turns.js';
import type { Affinity } from '../matching/warm-choice.js';
import type { Clock } from '../ports/clock.js';
import type { ReadyTask } from '../ports/ready-index.js';
import type { Taken } from './known-order.js';
import { Numbered } from './numbered.js';
import type { Plans } from './operations.js';
import type { KnownGroup, KnownLane, Picture } from './picture.js';

export interface PlannerOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** For tasks that name this one; `null`: none. */
  readonly strategyOf: (balancing: StrategyName | null) => Strategy;
  readonly picture: Picture;
  readonly affinity: Affinity;
  /** Told of a choice that is a try of an agent that was held back. */
  readonly onProbe: (kind: string, agentId: string) => void;
  /** How long a task of a kind is expected to take, in ms. */
  readonly expectedMs: (kind: string) => number;
  /** The lane and part of a new task that names keys; '': it names none. */
  readonly placeOf: (task: ReadyTask) => string;
}

type Taking = Pick<Planned, 'taskId' | 'lane' | 'place' | 'tier' | 'affinity'> &
  Pick<KnownLane, 'group' | 'band'>;

/** A planned task and who is to have it. */
export interface Planned {
  readonly taskId: string;
  /** '': the task is new. */
  readonly lane: string;
  readonly kind: string;
  readonly tier: Tier;
  readonly instance: InstanceState;
  /** The coordinator that holds its session. */
  readonly holder: string;
  readonly selection: Selection;
  /** See `Plans`. */
  readonly flags: string;
  readonly expectedMs: number;
  /** Of a new task that names keys; '': of others. */
  readonly place: string;
  /** Its affinity key; '': none. */
  readonly affinity: string;
}

/**
 * As the script reads it: what many have in common once.
 *
 * @param me the coordinator that plans; it knows itself how it chose
 */
export function toPlans(planned: readonly Planned[], me: string): Plans {
  const lanes = new Numbered<Plans['lanes'][number]>();
  const takers = new Numbered<Plans['takers'][number]>();
  const plans = planned.flatMap(({ taskId, instance: { sessionId, agentId }, holder, ...of }) => {
    const { lane, kind, tier, flags, expectedMs, place, affinity } = of;
    const row = [lane, kind, tier, flags, expectedMs, place, affinity] as const;
    const at = lanes.of(row.join(' '), () => row);
    return [taskId, at, takers.of(sessionId, () => [sessionId, holder, agentId])];
  });
  const how = planned.map(({ holder, selection }) => (holder === me ? '' : JSON.stringify(selection)));
  return { plans, lanes: lanes.all, takers: takers.all, ...(how.some((text) => text !== '') && { how }) };
}

/**
 * Plans on the picture who gets what, as if nobody else did. The picture goes along until `undo`, after
 * which the plan is carried out; what others have taken meanwhile is found out then.
 */
export class Planner {
  readonly #options: PlannerOptions;
  readonly planned: Planned[] = [];
  readonly #undo: (() => void)[] = [];
  #choice: number;

  constructor(options: PlannerOptions) {
    this.#options = options;
    this.#choice = options.picture.lastChoice;
  }

  /**
   * Plans tasks in order, up to `max` in all.
   *
   * @returns the lane whose next tasks have to be known to go on; `null`: that is all
   */
  fill(max: number): KnownLane | null {
    const { lanes } = this.#options.picture;
    while (this.planned.length < max) {
      const lane = lanes.head();
      if (!lane) return null;
      const task = lane.tasks.peek();
      if (!task) return lane;
      const choice = this.#choose(task, lane.group);
      if (!choice) return null;
      const isContended = this.#isContended(lane.band);
      lane.tasks.shift();
      lanes.changed(lane);
      this.#undo.push(() => {
        lane.tasks.unshift();
        lanes.changed(lane);
      });
      const { group, tier, band } = lane;
      const { taskId } = task;
      const affinity = affinityOf(task);
      const taking = { taskId, lane: lane.tasks.name, place: '', affinity, group, tier, band };
      this.#take(taking, choice, isContended);
    }
    return null;
  }

  /** Plans new tasks for sessions of this coordinator, those that nobody who waits goes before; they are in no lane. */
  fillNew(tasks: readonly ReadyTask[]): void {
    const { picture } = this.#options;
    for (const task of [...tasks].sort(byBandAndScore)) {
      const group = picture.instances.group(task, task.lastAgentId);
      const mayGo = picture.lanes.wouldLead(task) && !picture.isHeld(group, task.tier);
      const forgo = rememberTurns(group.turns);
      const choice = mayGo ? this.#choose(task.requirements, group) : null;
      if (choice && picture.isOwn(choice.instance.sessionId)) {
        const { taskId, tier, band } = task;
        const place = this.#options.placeOf(task);
        const affinity = affinityOf(task.requirements);
        const taking = { taskId, lane: '', place, affinity, group, tier, band };
        this.#take(taking, choice, this.#isContended(band));
      } else {
        // For another coordinator's it is queued, and goes there from its lane, by a choice of its own.
        forgo();
      }
    }
  }

  /** Leaves the picture as it was, and plans nothing any more. */
  undo(): void {
    this.planned.length = 0;
    this.#choice = this.#options.picture.lastChoice;
    for (const undo of this.#undo.splice(0).reverse()) undo();
  }

  #choose(task: TaskFacts, group: KnownGroup): Choice | null {
    const { clock, random, strategyOf, affinity } = this.#options;
    const now = clock.monotonic();
    return choose(strategyOf(group.requirements.balancing), task, group, { now, random, affinity });
  }

  /** Whether both bands have something to give out. */
  #isContended(band: Band): boolean {
    const { lanes, org } = this.#options.picture;
    return lanes.hasRunnable(org, band === 'HUMAN' ? 'OTHER' : 'HUMAN');
  }

  #take(task: Taking, { instance, selection }: Choice, isContended: boolean): void {
    const { taskId, lane, place, affinity, tier, band, group } = task;
    const { kind } = group;
    const { picture, onProbe } = this.#options;
    const expectedMs = Math.round(this.#options.expectedMs(kind.kind));
    this.#takeRoom({ band, isContended, expectedMs, isNewlyBusy: !picture.isBusy(instance.agentId) });
    const { agentId, sessionId } = instance;
    const { lastChosen } = instance;
    instance.assigned += 1;
    instance.inFlight += 1;
    instance.lastChosen = ++this.#choice;
    picture.instances.loadChanged(instance);
    this.#undo.push(() => {
      instance.assigned -= 1;
      instance.inFlight -= 1;
      instance.lastChosen = lastChosen;
      picture.instances.loadChanged(instance);
    });
    if (picture.track.chosen(kind, agentId)) onProbe(kind.kind, agentId);
    const holder = picture.holderOf(sessionId);
    const isOwed = isContended && band === 'OTHER';
    const flags = `${band === 'HUMAN' ? 'H' : 'O'}${isContended ? 'c' : ''}${isOwed ? 's' : ''}`;
    const common = { taskId, lane, place, affinity, tier, instance, holder, selection };
    this.planned.push({ ...common, kind: kind.kind, flags, expectedMs });
  }

  #takeRoom(taken: Taken): void {
    const { picture } = this.#options;
    if (picture.order.isPlain && !taken.isContended) return;
    const giveBack = picture.order.take(taken);
    picture.orderChanged();
    this.#undo.push(() => {
      giveBack();
      picture.orderChanged();
    });
  }
}

function affinityOf({ keys }: TaskFacts): string {
  return keys?.affinity ?? '';
}
