import { isOver, type WorkflowEvent } from '../../domain/workflows/workflow.js';
import type { Clock } from '../../ports/clock.js';
import type { WorkflowKey, WorkflowRecord, WorkflowSnapshot } from '../../ports/workflow-record.js';
import { every } from './every.js';
import type { Look, SharedLooks } from './shared-looks.js';

export type WorkflowStep =
  | {
      readonly snapshot: WorkflowSnapshot;
      /** What has happened since the step before, oldest first. */
      readonly events: readonly WorkflowEvent[];
    }
  | 'SIGN_OF_LIFE'
  /** It is not there, or not any more. */
  | 'GONE';

export interface WorkflowWatchers {
  /**
   * Follows a workflow: as it is, then after each change, at most five times a second; ends when it has ended and
   * all of its events have been told. Rejects while the record is away.
   *
   * @param afterSeq events after this one come first; `null`: none of before
   * @param signal ends the watch, without an error
   */
  watch(key: WorkflowKey, afterSeq: number | null, signal: AbortSignal): AsyncGenerator<WorkflowStep>;
  /** The workflow when it has ended, or as it is when `signal` aborts. `null`: it does not exist. */
  untilOver(key: WorkflowKey, signal: AbortSignal): Promise<WorkflowSnapshot | null>;
}

const BETWEEN_MESSAGES_MS = 200;
const SIGN_OF_LIFE_MS = 10_000;
const MAX_EVENTS = 1_000;

export function createWorkflowWatchers({
  record,
  looks,
  clock,
}: {
  readonly record: Pick<WorkflowRecord, 'listEvents'>;
  readonly looks: SharedLooks;
  readonly clock: Pick<Clock, 'after'>;
}): WorkflowWatchers {
  async function* watch(
    key: WorkflowKey,
    afterSeq: number | null,
    signal: AbortSignal,
  ): AsyncGenerator<WorkflowStep> {
    let lifeDue = false;
    const bell = createBell(signal);
    const stopSigns = every(clock, SIGN_OF_LIFE_MS, () => {
      lifeDue = true;
      bell.ring();
    });
    const look = looks.join(key, bell.ring);
    try {
      await look.again();
      let seq = afterSeq;
      let told = '';
      while (!signal.aborted) {
        const now = latestOf(look);
        if (!now) {
          yield 'GONE';
          return;
        }
        if (stampOf(now) === told) {
          if (lifeDue) yield 'SIGN_OF_LIFE';
          lifeDue = false;
          await bell.rung();
          continue;
        }
        told = stampOf(now);
        lifeDue = false;
        const last = now.workflow.seq;
        let events: readonly WorkflowEvent[];
        do {
          events = seq === null || seq >= last ? [] : await eventsBetween(key, seq, last);
          seq = Math.max(seq ?? 0, events.at(-1)?.seq ?? last);
          yield { snapshot: now, events };
        } while (seq < last);
        if (isOver(now.workflow.state)) return;
        await pause(clock, BETWEEN_MESSAGES_MS, signal);
      }
    } finally {
      stopSigns();
      look.leave();
      bell.release();
    }
  }

  async function eventsBetween(key: WorkflowKey, after: number, last: number) {
    const page = await record.listEvents(key, after, MAX_EVENTS);
    return page.filter(({ seq }) => seq <= last);
  }

  async function untilOver(key: WorkflowKey, signal: AbortSignal): Promise<WorkflowSnapshot | null> {
    const bell = createBell(signal);
    const look = looks.join(key, bell.ring);
    try {
      await look.again();
      for (;;) {
        const now = latestOf(look);
        if (!now || signal.aborted || isOver(now.workflow.state)) return now;
        await bell.rung();
      }
    } finally {
      look.leave();
      bell.release();
    }
  }

  return { watch, untilOver };
}

function latestOf({ latest, error }: Look): WorkflowSnapshot | null {
  if (error !== null) throw error;
  return latest;
}

/** What is worth a message if it is another one than before. */
function stampOf({ workflow, nodes }: WorkflowSnapshot): string {
  const { version, seq, contextVersion } = workflow;
  let ended = 0;
  let submitted = 0;
  for (const node of nodes) {
    ended += node.succeeded + node.failed;
    submitted += node.submitted;
  }
  return `${version} ${seq} ${contextVersion} ${ended} ${submitted}`;
}

/** Wakes who waits for it; a ring that nobody waited for wakes the next one. The signal rings it too. */
function createBell(signal: AbortSignal) {
  let pending = false;
  let wake = () => {};
  const ring = () => {
    pending = true;
    wake();
  };
  signal.addEventListener('abort', ring);
  return {
    ring,
    async rung(): Promise<void> {
      if (!pending && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      pending = false;
    },
    release: () => signal.removeEventListener('abort', ring),
  };
}

/** Resolves after `ms`, or when the signal aborts. */
function pause(clock: Pick<Clock, 'after'>, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stop();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const stop = clock.after(ms, done);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
