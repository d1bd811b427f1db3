import type { CancelNotice, Delivery } from '../../ports/agent-sessions.js';
import type { Clock } from '../../ports/clock.js';

/** How many are kept at most. */
const MAX_KEPT = 10_000;

/**
 * Cancels of claims that no session has: a cancel may be committed between a claim's commit and
 * its sending. They are kept for as long as an assignment may be on its way, and no longer.
 */
export class EarlyCancels {
  readonly #clock: () => Pick<Clock, 'monotonic'>;
  readonly #keptMs: () => number;
  /** Oldest first. */
  readonly #notices = new Map<string, { readonly notice: CancelNotice; readonly until: number }>();

  constructor(clock: () => Pick<Clock, 'monotonic'>, keptMs: () => number) {
    this.#clock = clock;
    this.#keptMs = keptMs;
  }

  get size(): number {
    return this.#notices.size;
  }

  keep(notice: CancelNotice): void {
    const now = this.#clock().monotonic();
    const known = this.#notices.get(notice.taskId);
    if (known && known.notice.epoch > notice.epoch) return;
    this.#notices.delete(notice.taskId);
    this.#notices.set(notice.taskId, { notice, until: now + this.#keptMs() });
    for (const [taskId, { until }] of this.#notices) {
      if (this.#notices.size <= MAX_KEPT && until > now) break;
      this.#notices.delete(taskId);
    }
  }

  /** Those of assignments that have just been sent. */
  take(deliveries: readonly Delivery[]): readonly CancelNotice[] {
    if (this.#notices.size === 0) return [];
    return deliveries.flatMap(({ lease: { taskId, epoch } }) => {
      const notice = this.#notices.get(taskId)?.notice;
      if (notice?.epoch !== epoch) return [];
      this.#notices.delete(taskId);
      return [notice];
    });
  }
}
