import { create } from '@bufbuild/protobuf';
import { type ProgressReport, ProgressReportSchema } from '../gen/reeve/v1/claim_pb.js';
import type { Payload } from '../gen/reeve/v1/payload_pb.js';
import { Outcome, TaskProgressSchema, type TaskResult } from '../gen/reeve/v1/task_pb.js';
import { payloadBytes } from '../payload.js';
import { plainText } from '../text.js';
import type { Attempt, Said } from './attempt.js';
import { inMessages } from './in-messages.js';

const INTERVAL_MS = 1_000;
const MAX_TEXT = 1_000;

/** The newest progress of each attempt, sent together and at most once a second; but what is to be lost else, at once. */
export class ProgressReports {
  readonly #newest = new Map<Attempt, Said>();
  readonly #urgent = new Set<Attempt>();
  #sentAt = Number.NEGATIVE_INFINITY;

  /** When the report may go out. */
  put(attempt: Attempt, fraction: number, text = '', checkpoint?: Payload): number {
    const inRange = Math.min(1, Math.max(0, Number(fraction) || 0));
    const unsent = this.#newest.get(attempt)?.checkpoint;
    const plain = { fraction: inRange, text: plainText(text, MAX_TEXT) };
    this.#newest.set(attempt, { ...plain, checkpoint: checkpoint ?? unsent });
    attempt.said = { ...plain, checkpoint: checkpoint ?? attempt.said?.checkpoint };
    return this.#sentAt + INTERVAL_MS;
  }

  /** The attempt is to stop: what it has left and was not sent does not wait. */
  hurry(attempt: Attempt): void {
    if (this.#newest.get(attempt)?.checkpoint) this.#urgent.add(attempt);
  }

  /** Its handler has ended: what it has left goes out before the result, unless nobody goes on from it. */
  ended(attempt: Attempt, { outcome }: TaskResult): void {
    if (outcome !== Outcome.SUCCEEDED && this.#newest.get(attempt)?.checkpoint) this.#urgent.add(attempt);
    else this.drop(attempt);
  }

  /** What was sent on a stream that broke may be lost: what it has left is sent again. */
  again(attempt: Attempt): void {
    if (!attempt.said?.checkpoint || attempt.report?.result?.outcome === Outcome.SUCCEEDED) return;
    this.#newest.set(attempt, attempt.said);
    this.#urgent.add(attempt);
  }

  drop(attempt: Attempt): void {
    this.#newest.delete(attempt);
    this.#urgent.delete(attempt);
  }

  /** What is to be sent now, in messages of at most `maxItems` and about 1 MiB. */
  take(time: number, maxItems: number): ProgressReport[][] {
    const isTime = time >= this.#sentAt + INTERVAL_MS;
    const due = [...(isTime ? this.#newest.keys() : this.#urgent)];
    if (due.length === 0) return [];
    if (isTime) this.#sentAt = time;
    const reports = due.flatMap((attempt) => this.#report(attempt) ?? []);
    for (const attempt of due) this.drop(attempt);
    return inMessages(reports, ({ checkpoint }) => payloadBytes(checkpoint), maxItems);
  }

  #report(attempt: Attempt): ProgressReport | undefined {
    const said = this.#newest.get(attempt);
    if (!said) return undefined;
    const { fraction, text, checkpoint } = said;
    const progress = create(TaskProgressSchema, { fraction, text });
    return create(ProgressReportSchema, {
      claim: attempt.claim,
      progress,
      ...(checkpoint && { checkpoint }),
    });
  }
}
