import { setTimeout } from 'node:timers/promises';
import {
  type Client,
  ReeveError,
  TaskCancelledError,
  TaskFailedError,
  type TaskRequest,
  WaitTimeoutError,
} from '@reeve/sdk';
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
   * `reuse`: submits another body under the same request id; `wait`: waits for its end.
   */
  readonly next?: 'cancel' | 'cancel-running' | 'retry' | 'reuse' | 'wait';
  /** It depends on what the same worker has submitted before it. */
  readonly follows?: boolean;
  /** Not before: ms since the epoch. */
  readonly runAt?: number;
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
const WAIT_MS = 10_000;

const ENDED = ['SUCCEEDED', 'FAILED', 'DEAD_LETTER', 'CANCELLED'];

/**
 * Submits jobs, `concurrency` at a time, and does with each what it says. Repeats whatever
 * stays without an answer until it has one.
 */
export async function runJobs(
  client: Client,
  history: History,
  jobs: Iterable<Job> | AsyncIterable<Job>,
  { concurrency, signal }: { readonly concurrency: number; readonly signal: AbortSignal },
): Promise<void> {
  const queue = Symbol.asyncIterator in jobs ? jobs[Symbol.asyncIterator]() : jobs[Symbol.iterator]();
  const workers = Array.from({ length: concurrency }, async () => {
    let before: string | undefined;
    for (let { value: job, done } = await queue.next(); !done; { value: job, done } = await queue.next()) {
      if (signal.aborted) return;
      before = await runJob(client, history, job, before, signal);
    }
  });
  await Promise.all(workers);
}

/** @returns the task's id, if it was submitted */
async function runJob(
  client: Client,
  history: History,
  job: Job,
  before: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const dependsOn = job.follows && before !== undefined ? [before] : [];
  const taskId = await submit(client, history, { ...job, dependsOn }, { n: job.requestId }, signal);
  if (taskId !== undefined && job.next !== undefined) {
    await goOn(client, history, job, taskId, signal);
  }
  return taskId;
}

async function goOn(client: Client, history: History, job: Job, taskId: string, signal: AbortSignal) {
  if (job.next === 'reuse') {
    await submit(client, history, job, { n: job.requestId, other: true }, signal);
    return;
  }
  if (job.next === 'wait') {
    await insist(signal, () => waitForEnd(client, history, taskId));
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
  job: Job & { readonly dependsOn?: readonly string[] },
  input: unknown,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { requestId, kind, maxAttempts = 5, endsAs, dependsOn = [] } = job;
  const request: TaskRequest = {
    kind,
    input,
    requestId,
    dependsOn,
    ...(job.runAt !== undefined && { runAt: job.runAt }),
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

async function waitForEnd(client: Client, history: History, taskId: string): Promise<void> {
  const deed = history.invoke('wait', { taskId });
  try {
    await client.wait(taskId, { timeoutMs: WAIT_MS });
    deed.ok({ state: 'SUCCEEDED' });
  } catch (error) {
    if (error instanceof TaskFailedError || error instanceof TaskCancelledError) {
      deed.ok({ state: error.task.state });
    } else {
      deed.unknown();
      throw error;
    }
  }
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
export async function insist<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      const late = error instanceof WaitTimeoutError;
      if (!late && (!(error instanceof ReeveError) || isDefinite(error))) throw error;
      await setTimeout(POLL_MS, undefined, { signal });
    }
  }
}

/** Whether it is certain that nothing happened. */
export function isDefinite(error: unknown): error is ReeveError {
  return error instanceof ReeveError && DEFINITE.has(error.code);
}
