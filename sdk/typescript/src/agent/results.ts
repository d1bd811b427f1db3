import { randomUUID } from 'node:crypto';
import type { ResultReport } from '../gen/reeve/v1/claim_pb.js';
import type { TaskResult } from '../gen/reeve/v1/task_pb.js';
import { payloadBytes } from '../payload.js';
import type { Attempt } from './attempt.js';
import { inMessages } from './in-messages.js';

/**
 * Results from the end of a handler to the server's acknowledgement. Each keeps its id through
 * every repeat, so that the server can tell a repeat from another result.
 */
export class Results {
  readonly #unacked = new Set<Attempt>();
  #unsent: Attempt[] = [];

  /** How many are not acknowledged. */
  get size(): number {
    return this.#unacked.size;
  }

  add(attempt: Attempt, result: TaskResult): void {
    const { claim } = attempt;
    attempt.report = { $typeName: 'reeve.v1.ResultReport', claim, resultId: randomUUID(), result };
    this.#unacked.add(attempt);
    this.#unsent.push(attempt);
  }

  /** The server has decided on it, one way or another. */
  settle(attempt: Attempt): void {
    this.#unacked.delete(attempt);
  }

  /** Acknowledgements of what was sent on a stream that broke may be lost: send all again. */
  resend(): void {
    this.#unsent = [...this.#unacked];
  }

  /** What is to be sent, in messages of at most `maxItems` and about 1 MiB. */
  takeUnsent(maxItems: number): ResultReport[][] {
    const reports = this.#unsent.flatMap((attempt) => {
      return attempt.report && this.#unacked.has(attempt) ? [attempt.report] : [];
    });
    this.#unsent = [];
    return inMessages(reports, bytesOf, maxItems);
  }
}

function bytesOf({ result }: ResultReport): number {
  return payloadBytes(result?.output) + payloadBytes(result?.error?.detail);
}
