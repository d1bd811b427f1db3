import {
  type Client,
  type ReeveError,
  TaskCancelledError,
  TaskFailedError,
  type TaskRequest,
} from '@reeve/sdk';
import { persist } from './persist.js';
import type { Progress } from './progress.js';
import { documentKey, type RunFolder } from './run-folder.js';

/** How a task ended. */
export type Outcome<O> =
  | { readonly ok: true; readonly output: O }
  | { readonly ok: false; readonly failure: { readonly kind: string; readonly message: string } };

/**
 * Submits the tasks of one run and waits for them. Each has a request id made of the run
 * and of what it is about, so that a resumed run submits all of its tasks again, and those
 * that were accepted before answer with what became of them.
 */
export class RunTasks {
  readonly #client: Client;
  readonly #run: RunFolder;
  readonly #progress: Progress;
  readonly #signal: AbortSignal;

  constructor(client: Client, run: RunFolder, progress: Progress, signal: AbortSignal) {
    this.#client = client;
    this.#run = run;
    this.#progress = progress;
    this.#signal = signal;
  }

  /**
   * A task of this run.
   *
   * @param about names it within the run and its kind
   */
  request(kind: string, about: string, input: unknown, more: Partial<TaskRequest> = {}): TaskRequest {
    return {
      kind,
      input,
      requestId: `${this.#run.runId}:${kind}:${about}`,
      requirements: { capabilities: [kind], tags: [this.#run.tag] },
      labels: { run: this.#run.runId },
      retry: { maxAttempts: 5, initialBackoffMs: 200 },
      ...more,
    };
  }

  /** A task about one document. */
  about(kind: string, document: string, input: object, more: Partial<TaskRequest> = {}): TaskRequest {
    return this.request(kind, documentKey(document), { path: document, ...input }, more);
  }

  async do<O>(request: TaskRequest, client = this.#client): Promise<Outcome<O>> {
    this.#progress.submitted(request.kind);
    const { taskId } = await persist(this.#signal, () => client.submit(request));
    return this.#outcome<O>(request.kind, taskId);
  }

  /** The same for many, in as few calls as the SDK can; one that is refused is an outcome. */
  async doMany<O>(requests: readonly TaskRequest[]): Promise<Promise<Outcome<O>>[]> {
    for (const { kind } of requests) this.#progress.submitted(kind);
    const outcomes = await this.#client.submitMany(requests);
    return outcomes.map((outcome, i) => {
      const request = requests[i] as TaskRequest;
      if (outcome.ok) return this.#outcome<O>(request.kind, outcome.task.taskId);
      return this.#refused<O>(request, outcome.error);
    });
  }

  async #refused<O>(request: TaskRequest, error: ReeveError): Promise<Outcome<O>> {
    if (!error.retryable) {
      this.#progress.ended(request.kind);
      return { ok: false, failure: { kind: error.reason, message: error.message } };
    }
    const { taskId } = await persist(this.#signal, () => this.#client.submit(request));
    return this.#outcome<O>(request.kind, taskId);
  }

  async #outcome<O>(kind: string, taskId: string): Promise<Outcome<O>> {
    const outcome = await this.#end<O>(taskId);
    this.#progress.ended(kind);
    return outcome;
  }

  async #end<O>(taskId: string): Promise<Outcome<O>> {
    const signal = this.#signal;
    try {
      return { ok: true, output: await persist(signal, () => this.#client.wait<O>(taskId, { signal })) };
    } catch (error) {
      if (error instanceof TaskFailedError) {
        const { error: why, reason, state } = error.task;
        const message = why?.message ?? reason ?? error.message;
        return { ok: false, failure: { kind: why?.kind ?? state, message } };
      }
      if (error instanceof TaskCancelledError) {
        return {
          ok: false,
          failure: { kind: 'CANCELLED', message: error.reason || 'somebody cancelled it' },
        };
      }
      throw error;
    }
  }
}
