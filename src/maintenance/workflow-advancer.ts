import { isRecordAway, mayPass } from '../domain/record-errors.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { WorkflowKey } from '../ports/workflow-record.js';
import type { Advanced, AdvanceWorkflow } from '../usecases/workflows/advance.js';
import type { Service } from './service.js';

/** Workflows that are advanced side by side: of all organisations, and of one, whose look-ups may be slow. */
const AT_ONCE = 64;
const ORG_AT_ONCE = 16;
/** With many open tasks a workflow need not be looked at whenever one ends: one ms for so many, up to so long. */
const OPEN_PER_MS = 10;
const MAX_REST_MS = 100;
/** Waits after failures: twice as long each time. */
const RETRY_MS = 100;
const MAX_RETRY_MS = 30_000;
/** Failures in a row that are not the record's, after which a workflow is given up. */
const MAX_FAILURES = 10;

export interface WorkflowAdvancer extends Service {
  /** Has workflows advanced as soon as may be. */
  wake(keys: readonly WorkflowKey[], options?: WakeOptions): void;
}

export interface WakeOptions {
  /** They are due by the record: it is to know that they were looked at. */
  readonly isDue?: boolean;
}

export interface WorkflowAdvancerOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly advance: AdvanceWorkflow;
  /** Ends a workflow that cannot be advanced. */
  readonly giveUp: (key: WorkflowKey, why: string) => Promise<void>;
}

/** What is known of a workflow here while there is something to do. */
interface Entry {
  readonly key: WorkflowKey;
  state: 'QUEUED' | 'RUNNING' | 'RESTING';
  /** Woken since it was begun with. */
  again: boolean;
  isDue: boolean;
  failures: number;
}

/**
 * Advances workflows of this coordinator: each by one advance at a time, several side by side, of one organisation not
 * all of them; organisations take turns, and so do the workflows of each. What it does not know of any more the record has.
 */
export function createWorkflowAdvancer({
  clock,
  log,
  advance,
  giveUp,
}: WorkflowAdvancerOptions): WorkflowAdvancer {
  const entries = new Map<string, Entry>();
  /** Those that are QUEUED, by organisation, whose turn it is first. */
  const queues = new Map<string, Set<Entry>>();
  const running = new Set<Promise<void>>();
  /** How many of these there are, by organisation; none: not in it. */
  const runningOf = new Map<string, number>();
  let isOn = false;

  function wake(keys: readonly WorkflowKey[], { isDue = false }: WakeOptions = {}): void {
    if (!isOn) return;
    for (const key of keys) {
      const entry = entries.get(key.workflowId);
      if (entry) {
        entry.again = true;
        entry.isDue ||= isDue;
      } else enqueue({ key, state: 'QUEUED', again: false, isDue, failures: 0 });
    }
    pump();
  }

  function enqueue(entry: Entry): void {
    const { org, workflowId } = entry.key;
    entry.state = 'QUEUED';
    entries.set(workflowId, entry);
    const queue = queues.get(org) ?? new Set();
    queue.add(entry);
    queues.set(org, queue);
  }

  /** The one whose turn it is. */
  function next(): Entry | undefined {
    for (const [org, queue] of [...queues]) {
      queues.delete(org);
      const [entry] = (runningOf.get(org) ?? 0) < ORG_AT_ONCE ? queue : [];
      if (entry) queue.delete(entry);
      if (queue.size > 0) queues.set(org, queue);
      if (entry) return entry;
    }
    return undefined;
  }

  function pump(): void {
    while (isOn && running.size < AT_ONCE) {
      const entry = next();
      if (!entry) return;
      const { org } = entry.key;
      count(org, 1);
      const run = step(entry).finally(() => {
        running.delete(run);
        count(org, -1);
        pump();
      });
      running.add(run);
    }
  }

  function count(org: string, more: 1 | -1): void {
    const now = (runningOf.get(org) ?? 0) + more;
    if (now === 0) runningOf.delete(org);
    else runningOf.set(org, now);
  }

  async function step(entry: Entry): Promise<void> {
    const absorbs = entry.isDue;
    entry.state = 'RUNNING';
    entry.again = false;
    entry.isDue = false;
    try {
      const advanced = await advance(entry.key, { absorbs });
      entry.failures = 0;
      settle(entry, advanced);
    } catch (error) {
      await failed(entry, error).catch((again: unknown) => {
        log.error({ err: again, ...named(entry) }, 'a workflow could not be given up; it is tried again');
        rest(entry, MAX_RETRY_MS);
      });
    }
  }

  function settle(entry: Entry, { kind, open }: Advanced): void {
    if (kind === 'GONE') entries.delete(entry.key.workflowId);
    else if (kind === 'MORE') enqueue(entry);
    else rest(entry, Math.min(MAX_REST_MS, Math.floor(open / OPEN_PER_MS)));
  }

  async function failed(entry: Entry, error: unknown): Promise<void> {
    const mayFailAgain = mayPass(error);
    if (!mayFailAgain) entry.failures += 1;
    // What is cut off by a stop is gone on with elsewhere.
    const level = isRecordAway(error) || !isOn ? 'debug' : 'error';
    log[level]({ err: error, ...named(entry) }, 'a workflow could not be advanced; it is tried again');
    if (entry.failures >= MAX_FAILURES) {
      await giveUp(entry.key, error instanceof Error ? error.message : String(error));
      entry.failures = 0;
    }
    entry.again = true;
    rest(entry, mayFailAgain ? 1_000 : Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** entry.failures));
  }

  /** Until it may be looked at again. */
  function rest(entry: Entry, ms: number): void {
    if (ms === 0) {
      wakeUp(entry);
      return;
    }
    entry.state = 'RESTING';
    clock.after(ms, () => {
      wakeUp(entry);
      pump();
    });
  }

  function wakeUp(entry: Entry): void {
    if (entry.again && isOn) enqueue(entry);
    else entries.delete(entry.key.workflowId);
  }

  return {
    wake,
    start() {
      isOn = true;
    },
    async stop() {
      isOn = false;
      entries.clear();
      queues.clear();
      await Promise.all(running);
    },
  };
}

function named({ key }: Entry) {
  return { org: key.org, workflow: key.workflowId };
}
