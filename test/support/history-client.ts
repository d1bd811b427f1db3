import { setTimeout } from 'node:timers/promises';
import { type Client, ReeveError, type TaskRequest } from '@reeve/sdk';
import type { History } from './history.js';

/** One submission of a test and what is done with the task afterwards. */
export interface Job {
  readonly requestId: string;
  readonly kind: string;
  /** Default 5. */
  readonly maxAttempts?: number;
  /** The state it must end in. */
  readonly endsAs?: string;
  /**
   * `cancel`: at once; `cancel-running`: when an agent has it; `retry`: when it has FAILED;
   * `reuse`: submits another body under the same request id.
   */
  readonly next?: 'cancel' | 'cancel-running' | 'retry' | 'reuse';
}

/** Answers after which it is certain that nothing happened. */
const DEFINITE: ReadonlySet<string> = new Set([
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'FAILED_PRECONDITION',
  'PERMISSION_DENIED',
  'UNAUTHENTICATED',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
]);

/** How often a state is read and an unanswered call repeated. */
const POLL_MS = 50;

const ENDED = ['SUCCEEDED', 'FAILED', 'DEAD_LETTER', 'CANCELLED'];

/**
 * Submits jobs, `concurrency` at a time, and does with each what it says. Repeats whatever
 * stays without an answer until it has one.
 */
export async function runJobs(
  client: Client,
  history: History,
  jobs: readonly Job[],
  { concurrency, signal }: { readonly concurrency: number; readonly signal: AbortSignal },
): Promise<void> {
  const queue = [...jobs];
  const workers = Array.from({ length: concurrency }, async () => {
    for (let job = queue.shift(); job && !signal.aborted; job = queue.shift()) {
      await runJob(client, history, job, signal);
    }
  });
  await Promise.all(workers);
}

async function runJob(client: Client, history: History, job: Job, signal: AbortSignal): Promise<void> {
  const taskId = await submit(client, history, job, { n: job.requestId }, signal);
  if (taskId === undefined || job.next === undefined) return;
  if (job.next === 'reuse') {
    await submit(client, history, job, { n: job.requestId, other: true }, signal);
    return;
  }
  if (job.next !== 'cancel') {
    await reaches(client, taskId, job.next === 'retry' ? ENDED : [...ENDED, 'RUNNING'], signal);
  }
  const verb = job.next === 'retry' ? 'retry' : 'cancel';
  await insist(signal, async () => {
    const deed = history.invoke(verb, { taskId });
    try {
      deed.ok({ state: (await client[verb](taskId)).state });
    } catch (error) {
      if (!isDefinite(error)) {
        deed.unknown();
        throw error;
      }
      deed.fail({ error: error.code });
    }
  });
}

async function submit(
  client: Client,
  history: History,
  job: Job,
  input: unknown,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { requestId, kind, maxAttempts = 5, endsAs } = job;
  const request: TaskRequest = {
    kind,
    input,
    requestId,
    labels: { request: requestId },
    retry: { maxAttempts, initialBackoffMs: 50, maxBackoffMs: 100 },
  };
  const body = JSON.stringify(input);
  return insist(signal, async () => {
    const deed = history.invoke('submit', { requestId, body, maxAttempts, ...(endsAs && { endsAs }) });
    try {
      const { taskId } = await client.submit(request);
      deed.ok({ taskId });
      return taskId;
    } catch (error) {
      if (!isDefinite(error)) {
        deed.unknown();
        throw error;
      }
      deed.fail({ error: error.code });
      return undefined;
    }
  });
}

/** Reads the task until it is in one of the states, through restarts. */
async function reaches(client: Client, taskId: string, states: readonly string[], signal: AbortSignal) {
  let state = '';
  while (!states.includes(state) && !signal.aborted) {
    state = await insist(signal, async () => (await client.get(taskId)).state);
    if (!states.includes(state)) await setTimeout(POLL_MS, undefined, { signal });
  }
}

/** Repeats `attempt` until it gives an answer, with a pause in between. */
async function insist<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ReeveError) || isDefinite(error)) throw error;
      await setTimeout(POLL_MS, undefined, { signal });
    }
  }
}

function isDefinite(error: unknown): error is ReeveError {
  return error instanceof ReeveError && DEFINITE.has(error.code);
}
