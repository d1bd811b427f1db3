import type { Claim } from '../gen/reeve/v1/claim_pb.js';
import { now } from './alarms.js';
import type { Attempt } from './attempt.js';
import { ProgressReports } from './progress-reports.js';
import { Results } from './results.js';
import type { Slots } from './slots.js';
import type { ToServer } from './work-stream.js';

const MAX_RENEWALS = 10_000;

/** What the agent has to say, gathered over a tick and sent in as few messages as it fits. */
export class Outbox {
  readonly results = new Results();
  readonly progress = new ProgressReports();
  readonly #slots: Slots;
  readonly #send: (message: ToServer) => void;
  #accepts: Claim[] = [];
  #declines: Claim[] = [];
  #declineReason = '';

  constructor(slots: Slots, send: (message: ToServer) => void) {
    this.#slots = slots;
    this.#send = send;
  }

  accept(claim: Claim): void {
    this.#accepts.push(claim);
  }

  decline(claim: Claim, reason: string): void {
    this.#declines.push(claim);
    this.#declineReason = reason;
  }

  /** A session begins: Hello has said what is held, and results may have to be repeated, as what attempts have left. */
  beginSession(held: Iterable<Attempt>): void {
    this.#accepts = [];
    this.#declines = [];
    this.#slots.beginSession();
    this.results.resend();
    for (const attempt of held) this.progress.again(attempt);
  }

  /** Accepts go first, so that the server never hears of a lease it does not know to be taken. */
  flush(maxItems: number, grants: boolean): void {
    for (const claims of chunks(this.#accepts, maxItems)) {
      this.#send({ case: 'accept', value: { $typeName: 'reeve.v1.Accept', claims } });
    }
    for (const claims of chunks(this.#declines, maxItems)) {
      this.#send({
        case: 'decline',
        value: { $typeName: 'reeve.v1.Decline', claims, reason: this.#declineReason },
      });
    }
    this.#accepts = [];
    this.#declines = [];
    for (const reports of this.progress.take(now(), maxItems)) {
      this.#send({ case: 'progress', value: { $typeName: 'reeve.v1.Progress', reports } });
    }
    for (const results of this.results.takeUnsent(maxItems)) {
      this.#send({ case: 'results', value: { $typeName: 'reeve.v1.ReportResults', results } });
    }
    const grantedTotal = grants ? this.#slots.grant(this.results.size) : undefined;
    if (grantedTotal !== undefined) {
      this.#send({ case: 'grant', value: { $typeName: 'reeve.v1.Grant', grantedTotal } });
    }
  }

  renew(leases: readonly Claim[]): void {
    for (const claims of chunks(leases, MAX_RENEWALS)) {
      this.#send({ case: 'renew', value: { $typeName: 'reeve.v1.Renew', claims } });
    }
  }
}

function* chunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size);
}
