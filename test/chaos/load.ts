import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@reeve/sdk';
import { type HistoryEntry, openHistory } from '../support/history.js';
import { type Job, runJobs } from '../support/history-client.js';
import { mixedJobs, seededRandom } from '../support/history-jobs.js';
import { runWorkflows } from '../support/run-workflows.js';
import { mixedWorkflows } from '../support/workflow-jobs.js';

/** Attempts enough to outlive every fault. */
const MANY_ATTEMPTS = 90;
const WORKERS_PER_CLIENT = 6;
/** Of the submissions, besides: with all their tasks about one in ten. */
const WORKFLOW_SHARE = 0.008;
const WORKFLOWS_PER_CLIENT = 6;

export interface LoadOptions {
  readonly clients: readonly Client[];
  readonly historyFolder: string;
  readonly seed: number;
  /** Most submissions a second. */
  readonly perSecond: number;
  readonly hasSdkAgents: boolean;
  readonly hasLightAgents: boolean;
  readonly onEntry: (entry: HistoryEntry) => void;
}

/** Clients that submit, start workflows, cancel, retry and wait until they are told to finish. */
export interface Load {
  /** From here on nothing new is submitted. Resolves when every client has its answers. */
  finish(): Promise<void>;
  /** Gives up what has no answer yet. */
  abort(): void;
}

export function startLoad(options: LoadOptions): Load {
  const { clients, historyFolder, seed, perSecond, onEntry } = options;
  const aborting = new AbortController();
  setMaxListeners(0, aborting.signal);
  const finishing = new AbortController();
  const running = clients.map((client, i) => {
    const history = openHistory(historyFolder, `client-${i + 1}`, onEntry);
    const jobs = paced(
      endlessJobs(`c${i + 1}`, seed + i, options),
      clients.length / perSecond,
      finishing.signal,
    );
    const { signal } = aborting;
    const workflows = paced(
      mixedWorkflows(`w${i + 1}`, seed + i),
      clients.length / perSecond / WORKFLOW_SHARE,
      finishing.signal,
    );
    return [
      runJobs(client, history, jobs, { concurrency: WORKERS_PER_CLIENT, signal }),
      runWorkflows(client, history, workflows, { concurrency: WORKFLOWS_PER_CLIENT, signal }),
    ];
  });
  const all = Promise.all(running.flat()).then(() => undefined);
  // Whoever fails to await it fails by its own error.
  all.catch(() => {});
  return {
    finish() {
      finishing.abort();
      return all;
    },
    abort() {
      finishing.abort();
      aborting.abort();
    },
  };
}

/** The mix again and again, in orders that the seed decides. */
function* endlessJobs(prefix: string, seed: number, has: LoadOptions): Generator<Job> {
  const random = seededRandom(seed ^ 0x10ad);
  for (let round = 0; ; round++) {
    for (const job of mixedJobs(`${prefix}-${round}`, seed + 1_000 * round, 0.5)) {
      if (job.kind.startsWith('sdk.') && !has.hasSdkAgents) continue;
      const patient: Job = job.maxAttempts === undefined ? { ...job, maxAttempts: MANY_ATTEMPTS } : job;
      const roll = random();
      if (job.kind !== 'wire.quick' || job.next !== undefined) yield patient;
      else if (roll < 0.15) yield { ...patient, next: 'wait' };
      else if (roll < 0.3) yield follower(patient);
      else if (roll < 0.6 && has.hasLightAgents) yield { ...patient, kind: 'light.quick' };
      else yield patient;
    }
  }
}

/** A task that waits for another, and is skipped if that one does not succeed. */
function follower({ endsAs: _, ...job }: Job): Job {
  return { ...job, follows: true };
}

/** Lets one through every so many seconds, however long they take, until the signal. */
async function* paced<T>(jobs: Iterable<T>, everySeconds: number, until: AbortSignal): AsyncGenerator<T> {
  let next = performance.now();
  for (const job of jobs) {
    if (until.aborted) return;
    const wait = next - performance.now();
    // What was missed while nothing went is not made up for.
    next = Math.max(next, performance.now() - 1_000) + everySeconds * 1_000;
    if (wait > 0) await pause(wait);
    yield job;
  }
}
