import type { JsonObject, JsonValue } from '../../json.js';
import { storableText } from '../../policies/storable.js';
import type { FailureCode, SettledItem } from './settled-item.js';

/** So many failures are told one by one. */
const MAX_FAILURES = 100;
const MAX_MESSAGE_LENGTH = 300;
/** So many of them in a reason. */
const MAX_NAMED = 3;

/** What came of the items of a node: how many succeeded, which failed and why. */
export class Tally {
  readonly total: number;
  readonly #failures: JsonObject[] = [];
  readonly #named: string[] = [];
  #succeeded = 0;
  #failed = 0;
  #code: FailureCode | null = null;
  #started = Number.POSITIVE_INFINITY;
  #finished = Number.NEGATIVE_INFINITY;

  /** @param total items, whether they have ended or not */
  constructor(total: number) {
    this.total = total;
  }

  add(item: SettledItem): void {
    this.#started = Math.min(this.#started, item.startTime);
    this.#finished = Math.max(this.#finished, item.finishTime ?? item.startTime);
    const { failure } = item;
    if (!failure) {
      this.#succeeded++;
      return;
    }
    this.#failed++;
    this.#code = this.#code === null || this.#code === failure.code ? failure.code : 'TASK_FAILED';
    const message = shortened(failure.message);
    if (this.#named.length < MAX_NAMED) {
      const words = `${failure.kind}: ${message}`;
      this.#named.push(this.total === 1 ? words : `${item.sequenceNum} (${words})`);
    }
    if (this.#failures.length >= MAX_FAILURES) return;
    this.#failures.push({
      sequence_num: item.sequenceNum,
      identifier: item.identifier,
      task_id: item.taskId,
      state: item.state,
      reason: `${failure.kind}: ${message}`,
    });
  }

  get succeeded(): number {
    return this.#succeeded;
  }

  /** Items that have ended. */
  get ended(): number {
    return this.#succeeded + this.#failed;
  }

  /** `{total, succeeded, failed}`, and `pending` where some have not ended. */
  get counts(): JsonObject {
    const pending = this.total - this.ended;
    const counts = { total: this.total, succeeded: this.#succeeded, failed: this.#failed };
    return pending > 0 ? { ...counts, pending } : counts;
  }

  /** `[{sequence_num, identifier, task_id, state, reason}]`, the first 100. */
  get failures(): readonly JsonValue[] {
    return this.#failures;
  }

  /** When the first item began and the last one ended; `null` where there is none. */
  get timestamps(): JsonObject {
    return { started: timeText(this.#started), finished: timeText(this.#finished) };
  }

  get state(): 'SUCCEEDED' | 'PARTIAL' | 'FAILED' {
    if (this.#succeeded === this.total) return 'SUCCEEDED';
    return this.#succeeded > 0 ? 'PARTIAL' : 'FAILED';
  }

  /** Why it is not SUCCEEDED: a code, and which items failed. */
  get reason(): string {
    if (this.state === 'SUCCEEDED') return '';
    const open = this.total - this.ended;
    const [only] = this.#named;
    if (this.total === 1 && only !== undefined) return `${this.#code}: ${only}`;
    const more = this.#failed - this.#named.length;
    const failed =
      this.#failed > 0 &&
      `${this.#failed} of ${this.total} items failed: ${this.#named.join('; ')}${more > 0 ? ` and ${more} more` : ''}`;
    const pending = open > 0 && `${open} of ${this.total} items have not ended`;
    return `${this.#code ?? 'TASK_FAILED'}: ${[failed, pending].filter(Boolean).join('; ')}`;
  }
}

/** A time in ms as ISO 8601; `null`: there is none. */
export function timeText(ms: number | null): string | null {
  return ms !== null && Number.isFinite(ms) ? new Date(ms).toISOString() : null;
}

function shortened(text: string): string {
  return storableText(text.length > MAX_MESSAGE_LENGTH ? `${text.slice(0, MAX_MESSAGE_LENGTH - 1)}…` : text);
}
