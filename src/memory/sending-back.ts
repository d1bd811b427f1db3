import { byScore } from '../domain/order/by-band-and-score.js';
import { byYouth } from '../domain/order/preemption.js';
import { DEFAULT_EXPECTED_MS } from '../domain/order/turns.js';
import type { Instances } from '../matching/instances.js';
import type { MatchingOptions } from '../matching/matching-options.js';
import { mergedHeads } from '../matching/merged-heads.js';
import {
  type Candidate,
  lanesWithoutSlot,
  MOST_LOOKED_AT,
  planVictims,
  SENT_BACK_MS,
  type SentBack,
} from '../matching/victims.js';
import type { Victim, VictimQuery } from '../ports/victim-choice.js';
import type { MemoryTasks } from './entry.js';
import type { Usage } from './limits/usage.js';
import type { Slots } from './slots.js';

export interface SendingBackOptions extends Pick<MatchingOptions, 'clock' | 'durations' | 'orderTerms'> {
  readonly instances: Instances<MemoryTasks>;
  readonly slots: Slots;
  readonly usage: Usage;
}

/** What is on its way back, so that people's tasks get the slots. */
export class SendingBack {
  readonly #options: SendingBackOptions;
  /** By organisation; none that has lost its slot is left by the next look. */
  readonly #sentBack = new Map<string, readonly SentBack[]>();

  constructor(options: SendingBackOptions) {
    this.#options = options;
  }

  take(org: string, { kinds, max, graceMs }: VictimQuery): readonly Victim[] {
    const { clock, instances, slots, usage, durations, orderTerms } = this.#options;
    const lanes = [...lanesWithoutSlot(instances.groups(org))];
    const sentBack = this.#running(org);
    if (lanes.length === 0) {
      this.#keep(org, sentBack);
      return [];
    }
    const heaps = lanes.flatMap(({ tasks }) => tasks.heaps());
    const waiting = mergedHeads(heaps, max, byScore)
      .filter(({ keys }) => usage.hasRoom(org, keys))
      .map(({ taskId, lane: { group } }) => ({ taskId, group }));
    const plan = planVictims({
      ...{ waiting, sentBack, candidates: this.#candidates(org, kinds) },
      share: usage.of(org).share,
      restShare: orderTerms?.restShareOf(org) ?? 0,
      expectedMs: (kind) => durations?.of(org, kind) ?? DEFAULT_EXPECTED_MS,
      ...{ graceMs, now: clock.monotonic() },
    });
    for (const { taskId } of plan.onShare) slots.counts(taskId, (use) => usage.putOnShare(use));
    this.#mark(org, sentBack, plan.sentBack);
    return plan.victims.map((victim) => ({ org, ...victim }));
  }

  refuse(org: string, victims: readonly Victim[]): void {
    const until = this.#options.clock.monotonic() + SENT_BACK_MS;
    const marks = victims.map(({ taskId, epoch }) => ({ taskId, epoch, forTaskId: null, until }));
    this.#mark(org, this.#running(org), marks);
  }

  /** The task that is on its way back for one that waits; `null`: none is. */
  victimFor(org: string, taskId: string): string | null {
    const found = this.#running(org).find(({ forTaskId }) => forTaskId === taskId);
    return found?.taskId ?? null;
  }

  #running(org: string): readonly SentBack[] {
    const { clock, slots } = this.#options;
    const all = this.#sentBack.get(org) ?? [];
    return all.filter(({ taskId, epoch, forTaskId, until }) => {
      return slots.get(taskId)?.epoch === epoch && (forTaskId !== null || until > clock.monotonic());
    });
  }

  #mark(org: string, before: readonly SentBack[], marks: readonly SentBack[]): void {
    const marked = new Set(marks.map(({ taskId }) => taskId));
    this.#keep(org, [...before.filter(({ taskId }) => !marked.has(taskId)), ...marks]);
  }

  #keep(org: string, sentBack: readonly SentBack[]): void {
    if (sentBack.length > 0) this.#sentBack.set(org, sentBack);
    else this.#sentBack.delete(org);
  }

  #candidates(org: string, kinds: ReadonlySet<string>): readonly Candidate[] {
    const candidates: Candidate[] = [];
    for (const [taskId, { org: its, tier, kind, instance, use, epoch, began }] of this.#options.slots.all()) {
      if (its !== org || tier !== 'LOW' || instance === null || kind === null || use === null) continue;
      if (use.onShare || use.band === 'HUMAN' || !kinds.has(kind.kind)) continue;
      candidates.push({ taskId, epoch, kind: kind.kind, instance, began });
    }
    return candidates.sort(byYouth).slice(0, MOST_LOOKED_AT);
  }
}
