import { create } from '@bufbuild/protobuf';
import { type ProgressReport, ProgressReportSchema } from '../gen/reeve/v1/claim_pb.js';
import { TaskProgressSchema } from '../gen/reeve/v1/task_pb.js';
import { plainText } from '../text.js';
import type { Attempt } from './attempt.js';

const INTERVAL_MS = 1_000;
const MAX_TEXT = 1_000;

/** The newest progress of each attempt, sent together and at most once a second. */
export class ProgressReports {
  #newest = new Map<Attempt, { fraction: number; text: string }>();
  #sentAt = Number.NEGATIVE_INFINITY;

  /** When the report may go out. */
  put(attempt: Attempt, fraction: number, text = ''): number {
    const inRange = Math.min(1, Math.max(0, Number(fraction) || 0));
    this.#newest.set(attempt, { fraction: inRange, text: plainText(text, MAX_TEXT) });
    return this.#sentAt + INTERVAL_MS;
  }

  drop(attempt: Attempt): void {
    this.#newest.delete(attempt);
  }

  take(time: number): ProgressReport[] {
    if (this.#newest.size === 0 || time < this.#sentAt + INTERVAL_MS) return [];
    this.#sentAt = time;
    const reports = [...this.#newest].map(([{ claim }, progress]) =>
      create(ProgressReportSchema, { claim, progress: create(TaskProgressSchema, progress) }),
    );
    this.#newest = new Map();
    return reports;
  }
}
