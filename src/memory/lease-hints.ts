import type { Claim } from '../domain/tasks/lease.js';
import type { HintCause, LeaseHint } from '../ports/ready-index.js';
import { DueSet } from './due-set.js';

/** When to look at leases, one hint a task. */
export class LeaseHints {
  readonly #hints = new DueSet<LeaseHint>();

  add(hints: readonly LeaseHint[], cause: HintCause): void {
    for (const hint of hints) {
      const known = this.#hints.get(hint.taskId)?.epoch ?? -1;
      const isNewer = known < hint.epoch || (known === hint.epoch && cause !== 'LOADED');
      if (isNewer) this.#hints.set(hint.taskId, hint.due, hint);
    }
  }

  drop(claims: readonly Claim[]): void {
    for (const { taskId, epoch } of claims) {
      if ((this.#hints.get(taskId)?.epoch ?? 0) <= epoch) this.#hints.delete(taskId);
    }
  }

  /** Takes out up to `max` that are due. */
  take(now: number, max: number): readonly LeaseHint[] {
    return this.#hints.take(now, max);
  }
}
