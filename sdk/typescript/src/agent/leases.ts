import type { Claim } from '../gen/reeve/v1/claim_pb.js';
import type { Attempt } from './attempt.js';
import type { Standby } from './standby/standby.js';

/**
 * What the agent holds, and until when. Times are on the agent's own clock and err on the
 * early side: a lease is taken to run from when its renewal was sent, and counts as lost a
 * margin before it ends, so that no handler goes on with a task that another may have.
 */
export class Leases {
  readonly #held = new Map<string, Attempt>();
  /** Prolongs leases while this thread can't. */
  readonly #standby: Standby | undefined;
  #ttlMs = 60_000;
  #renewMs = 15_000;

  constructor(standby?: Standby) {
    this.#standby = standby;
  }

  /** What Welcome says, in ms. */
  setTerms(ttlMs: number, renewMs: number): void {
    if (ttlMs > 0) this.#ttlMs = ttlMs;
    if (renewMs > 0) this.#renewMs = renewMs;
    this.#standby?.setTerms(this.#ttlMs, this.#renewMs);
  }

  get size(): number {
    return this.#held.size;
  }

  get ttlMs(): number {
    return this.#ttlMs;
  }

  /** How often to renew. */
  get renewMs(): number {
    return this.#renewMs;
  }

  all(): Iterable<Attempt> {
    return this.#held.values();
  }

  /** What is held of a task, whatever the epoch. */
  ofTask(taskId: string): Attempt | undefined {
    return this.#held.get(taskId);
  }

  get(claim: Claim | undefined): Attempt | undefined {
    const attempt = claim && this.#held.get(claim.taskId);
    return attempt?.claim.epoch === claim?.epoch ? attempt : undefined;
  }

  /** `time`: now. */
  add(attempt: Attempt, time: number): void {
    this.#held.set(attempt.claim.taskId, attempt);
    this.#standby?.put(attempt.claim, time);
  }

  remove(attempt: Attempt): void {
    if (this.get(attempt.claim) !== attempt) return;
    this.#held.delete(attempt.claim.taskId);
    this.#standby?.remove(attempt.claim);
  }

  /** Those to renew now: confirmed at least half an interval ago. They count as asked for. */
  takeForRenewal(time: number): Attempt[] {
    const due: Attempt[] = [];
    for (const attempt of this.#held.values()) {
      if (attempt.confirmedAt + this.#renewMs / 2 > time) continue;
      attempt.renewSentAt ??= time;
      due.push(attempt);
    }
    return due;
  }

  /** The server keeps the lease for `remainingMs` more, as it said at `time`. */
  confirm(attempt: Attempt, remainingMs: number, time: number): void {
    const from = attempt.renewSentAt ?? time;
    attempt.renewSentAt = undefined;
    attempt.confirmedAt = from;
    attempt.expiresAt = Math.max(attempt.expiresAt, from + remainingMs);
  }

  /** Renewals that were sent on a stream that broke will not be answered. */
  forgetRenewals(): void {
    for (const attempt of this.#held.values()) attempt.renewSentAt = undefined;
  }

  /** Unfinished ones that were not confirmed in time and may be another's soon. */
  overdue(time: number): Attempt[] {
    const late = [...this.#held.values()].filter((a) => !a.report && this.lostAt(a) <= time);
    for (const attempt of late) {
      const prolongedUntil = this.#standby?.prolongedUntil(attempt.claim) ?? 0;
      attempt.expiresAt = Math.max(attempt.expiresAt, prolongedUntil);
    }
    return late.filter((attempt) => this.lostAt(attempt) <= time);
  }

  /** When the first of them becomes overdue. */
  nextOverdue(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const attempt of this.#held.values()) {
      if (!attempt.report) next = Math.min(next, this.lostAt(attempt));
    }
    return next;
  }

  /** When an attempt becomes overdue. */
  lostAt(attempt: Attempt): number {
    return attempt.expiresAt - this.#ttlMs / 6;
  }
}
