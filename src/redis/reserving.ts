import type { OrderTerms } from '../matching/order-terms.js';
import { affinityBy } from '../matching/warm-choice.js';
import type { Clock } from '../ports/clock.js';
import type { ReadyTask, Reservation } from '../ports/ready-index.js';
import type { RedisIndexOptions } from './index-options.js';
import type { Operation } from './operations.js';
import type { KnownLane, Picture } from './picture.js';
import { Planner, toPlans } from './plan.js';
import { toReservation } from './reservation.js';
import { list, type Reserved, type StepReply, type Want } from './step.js';

/** Lanes, and tasks of each but the first, that are read ahead of a plan. */
const LANES_AHEAD = 16;
const TASKS_AHEAD = 32;
/** How often a plan is gone on with after more tasks had to be read. */
const MAX_READS = 32;
/** How often one is made anew of what was refused. */
const MAX_PLANS = 8;

export interface ReservingOptions {
  readonly org: string;
  /** The coordinator. */
  readonly me: string;
  readonly picture: Picture;
  readonly clock: Clock;
  readonly random: () => number;
  readonly strategyOf: RedisIndexOptions['strategyOf'];
  readonly orderTerms: OrderTerms;
  /** Takes a step; nobody is told what it finds runnable. `want`: lanes of which so many first tasks are wanted. */
  readonly step: (asked: readonly Operation[], want?: readonly Want[]) => Promise<StepReply>;
  /** Whether nothing waits to be written that would change what is planned for new tasks. */
  readonly isQuiet: () => boolean;
  /** Whether nothing at all waits to be written, attempts that ended among it. */
  readonly isTold: () => boolean;
  /** Whether the last step was a moment ago. */
  readonly isRecent: () => boolean;
  readonly onProbe: (kind: string, agentId: string) => void;
  readonly expectedMs: (kind: string) => number;
  readonly placeOf: (task: ReadyTask) => string;
  /** Of the limits that have to be kept; 0: nothing is limited. */
  readonly limitsVersion: () => number;
  /** Told what a reservation counts for, if it does. */
  readonly onUse: (reservationId: string, use: string) => void;
}

/** What came of a planned task; `isMine`: the session is held by this coordinator. */
interface Made {
  readonly taskId: string;
  readonly reservation: Reservation | null;
  readonly isMine: boolean;
}

/** Plans on the picture who gets what, and carries that out in Redis. To be called in turn. */
export class Reserving {
  readonly #options: ReservingOptions;

  constructor(options: ReservingOptions) {
    this.#options = options;
  }

  /** Up to `max` of the tasks that wait. Where a plan was refused in part, as limits are full, others may go instead. */
  async waiting(max: number): Promise<readonly Made[]> {
    const made: Made[] = [];
    for (let left = max, plans = 0; left > 0 && plans < MAX_PLANS; plans += 1) {
      const tried = await this.#waitingOnce(left);
      const refused = tried.filter(({ reservation }) => reservation === null);
      made.push(...tried);
      left -= tried.length - refused.length;
      if (refused.length === 0) break;
    }
    return made;
  }

  async #waitingOnce(max: number): Promise<readonly Made[]> {
    const { picture, step } = this.#options;
    await step([], this.#wanted(picture.lanes.first(LANES_AHEAD), max));
    const planner = this.#planner();
    for (let reads = 0; reads < MAX_READS; reads += 1) {
      const lane = picture.quietly(() => planner.fill(max));
      if (!lane) break;
      // More of this lane has to be known; the plan is made anew on what that step shows.
      picture.quietly(() => planner.undo());
      await step([], this.#wanted([lane], max));
    }
    return this.#carryOut(planner);
  }

  /** Those of new tasks that need not wait. Where the picture shows no taker it is brought up to date, unless it was a moment ago. */
  async fresh(tasks: readonly ReadyTask[]): Promise<readonly Made[]> {
    const { isQuiet, isTold, isRecent, step } = this.#options;
    // Who has the context of a key is learned from attempts that ended, this moment perhaps.
    const isKeyed = tasks.some(({ requirements: { keys } }) => (keys?.affinity ?? null) !== null);
    if (isKeyed ? isTold() : isQuiet()) {
      const made = await this.#carryOut(this.#plannedNew(tasks), true);
      if (made && (made.length > 0 || isRecent())) return made;
      // What had changed that was not known here is known by now.
      if (made) await step([]);
    } else {
      await step([]);
    }
    return this.#carryOut(this.#plannedNew(tasks));
  }

  #plannedNew(tasks: readonly ReadyTask[]): Planner {
    const planner = this.#planner();
    this.#options.picture.quietly(() => planner.fillNew(tasks));
    return planner;
  }

  #planner(): Planner {
    const { org, strategyOf, picture, orderTerms } = this.#options;
    const affinity = affinityBy(picture.track, orderTerms);
    return new Planner({ ...this.#options, affinity, strategyOf: (name) => strategyOf(org, name) });
  }

  async #carryOut(planner: Planner): Promise<readonly Made[]>;
  async #carryOut(planner: Planner, current: true): Promise<readonly Made[] | null>;
  async #carryOut(planner: Planner, current = false): Promise<readonly Made[] | null> {
    const { org, me, picture, step, limitsVersion, onUse } = this.#options;
    const planned = [...planner.planned];
    picture.quietly(() => planner.undo());
    if (planned.length === 0) return [];
    const holds = picture.holdsVersion;
    const plans = toPlans(planned, me);
    const { answers, generation } = await step([
      { op: 'reserve', holds, limits: limitsVersion(), current, ...plans },
    ]);
    const [made] = list(answers) as readonly [Reserved | false];
    if (made === false) return null;
    const refused = new Set(list(made.refused));
    const requests = new Map(plans.takers.map(([sid], i) => [sid, list(made.requests)[i] ?? '']));
    const uses = new Map(list(made.uses));
    let number = made.after;
    return planned.map(({ taskId, instance: { agentId, sessionId }, holder, selection }, i) => {
      if (refused.has(i + 1)) return { taskId, reservation: null, isMine: false };
      number += 1;
      const request = requests.get(sessionId) ?? '';
      const told = { rid: `${generation}-${number}`, id: taskId, sid: sessionId, agent: agentId, request };
      const use = uses.get(i + 1);
      if (use && holder === me) onUse(told.rid, use);
      return { taskId, reservation: toReservation(org, told, selection), isMine: holder === me };
    });
  }

  #wanted(lanes: readonly KnownLane[], max: number): readonly Want[] {
    return lanes.map(({ tasks, group }, i) => {
      const expectedMs = this.#options.expectedMs(group.kind.kind);
      return [tasks.name, i === 0 ? max : Math.min(max, TASKS_AHEAD), expectedMs];
    });
  }
}
