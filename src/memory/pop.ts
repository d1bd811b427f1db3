import type { TaskFacts } from '../domain/selection/strategy.js';
import { type Choice, choose } from '../matching/choose.js';
import type { Instances } from '../matching/instances.js';
import { byBandAndScore, type Lanes } from '../matching/lanes.js';
import type { MatchingOptions } from '../matching/matching-options.js';
import type { TrackRecord } from '../matching/track-record.js';
import { type Affinity, affinityBy } from '../matching/warm-choice.js';
import type { ReadyTask, Reservation } from '../ports/ready-index.js';
import type { MemoryGroup, MemoryLane, MemoryTasks } from './entry.js';
import type { Given, TaskUse, Usage } from './limits/usage.js';
import type { ReadyTasks } from './ready-tasks.js';
import type { Reservations } from './reservations.js';

export interface PopOptions extends Pick<MatchingOptions, 'clock' | 'random' | 'strategyOf' | 'orderTerms'> {
  readonly lanes: Lanes<MemoryTasks>;
  readonly instances: Instances<MemoryTasks>;
  readonly ready: ReadyTasks;
  readonly reserved: Reservations;
  readonly usage: Usage;
  readonly track: Pick<TrackRecord, 'warm'>;
  /** Whether nothing is to be given out of such lanes. */
  readonly isHeld: (group: MemoryGroup, tier: MemoryLane['tier']) => boolean;
}

/** Gives out tasks in order, each to the agent that its strategy chooses. */
export class Pop {
  readonly #options: PopOptions;
  readonly #affinity: Affinity;

  constructor(options: PopOptions) {
    this.#options = options;
    this.#affinity = affinityBy(options.track, options.orderTerms);
  }

  /** The next `max` that may go. */
  next(max: number): readonly Reservation[] {
    const { lanes, ready, reserved } = this.#options;
    reserved.lapse();
    const out: Reservation[] = [];
    while (out.length < max) {
      const lane = lanes.head();
      const entry = lane?.tasks.peek();
      const choice = lane && entry && this.#choose(entry, lane.group);
      if (!lane || !entry || !choice) break;
      const { band, tier, tasks, group } = lane;
      const { kind, org } = group;
      const account = tasks.account(entry.keys?.fairness ?? null);
      const use = this.#begin(choice, { org, kind: kind.kind, band, keys: entry.keys, account });
      tasks.turned(entry);
      ready.takeOut(entry);
      const affinity = entry.keys?.affinity ?? null;
      out.push(reserved.make(entry.taskId, choice, { kind, tier, affinity, from: entry, use }));
    }
    return out;
  }

  /** Tasks that are in no lane, if they would be next there. */
  fresh(tasks: readonly ReadyTask[]): readonly (Reservation | null)[] {
    const { lanes, instances, reserved, usage, isHeld } = this.#options;
    reserved.lapse();
    const reservations = new Map<string, Reservation>();
    for (const task of [...tasks].sort(byBandAndScore)) {
      const { org, taskId, kind, band, tier, requirements } = task;
      const { keys } = requirements;
      const group = instances.group(task, task.lastAgentId);
      const mayGo = lanes.wouldLead(task) && !isHeld(group, tier) && usage.hasRoom(org, keys);
      const choice = mayGo ? this.#choose(requirements, group) : null;
      if (!choice) continue;
      const lane = group.lanes.get(`${band}/${tier}`);
      const account = lane?.tasks.account(keys?.fairness ?? null) ?? null;
      const use = this.#begin(choice, { org, kind, band, keys, account });
      const given = { kind: group.kind, tier, affinity: keys?.affinity ?? null, from: null, use };
      reservations.set(taskId, reserved.make(taskId, choice, given));
    }
    return tasks.map(({ taskId }) => reservations.get(taskId) ?? null);
  }

  #choose(task: TaskFacts, group: MemoryGroup): Choice | null {
    const { clock, random, strategyOf } = this.#options;
    const strategy = strategyOf(group.org, group.requirements.balancing);
    return choose(strategy, task, group, {
      now: clock.monotonic(),
      random,
      affinity: this.#affinity,
    });
  }

  #begin({ instance }: Choice, given: Omit<Given, 'isContended'>): TaskUse {
    const { lanes, usage } = this.#options;
    const { org, band } = given;
    const isContended = lanes.hasRunnable(org, band === 'HUMAN' ? 'OTHER' : 'HUMAN');
    return usage.begin(instance.agentId, { ...given, isContended });
  }
}
