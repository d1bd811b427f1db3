import { ReeveError } from '../../domain/errors.js';
import type { Task } from '../../domain/tasks/task.js';
import { isChosen, type TaskFilter } from '../../domain/tasks/task-filter.js';
import type { Clock } from '../../ports/clock.js';
import type { TaskChange } from '../../ports/task-changes.js';
import type { TaskRecord, TaskView } from '../../ports/task-record.js';
import type { ReadTask } from '../task-reader.js';
import { asksForEnds, isRuledOut, mayHaveBeenChosen, snapshotFilter } from './chosen-filter.js';
import { every } from './every.js';
import { KnownTasks } from './known-tasks.js';
import type { OrgListeners } from './org-listeners.js';
import type { TaskFeed, WatchCompacted } from './task-feed.js';
import { UntoldChanges } from './untold-changes.js';

/** What a watch by a selector tells at once. */
export interface ChosenStep {
  readonly changes: readonly ChosenChange[];
  /** The changes are part of the snapshot. */
  readonly snapshot: boolean;
  /** Where another watch can go on once this was read; `null`: not here. */
  readonly position: number | null;
  readonly snapshotComplete: boolean;
  readonly snapshotTruncated: boolean;
}

export interface ChosenChange {
  readonly taskId: string;
  /** `null`: it does not exist any more. */
  readonly task: Task | null;
  /** It is chosen no longer. */
  readonly left: boolean;
}

export interface ChosenOptions {
  readonly view: TaskView;
  /** Where to begin: with a snapshot, with what changes from now on, or after a position. */
  readonly from: 'SNAPSHOT' | 'NOW' | number;
  /** Of the row that the position is of. Default: the one that there is. */
  readonly generation?: string;
  /** Ends the watch, without an error. */
  readonly signal: AbortSignal;
}

export interface ChosenWorld {
  readonly record: Pick<TaskRecord, 'listTasks' | 'getTaskStates'>;
  readonly clock: Pick<Clock, 'after'>;
  readonly read: ReadTask;
  readonly feed: TaskFeed;
  /** Called with tasks whose progress was reported. */
  readonly progress: OrgListeners<(taskId: string) => void>;
}

/** Tasks of a snapshot, and reads of the record that it may take, at most. */
const SNAPSHOT_TASKS = 10_000;
const SNAPSHOT_READS = 500;
/** Tasks that one read gives. With payloads of up to 256 KiB each way these stay around 25 MiB. */
const AT_ONCE: Readonly<Record<TaskView, number>> = { BASIC: 500, RESULT: 50, FULL: 50 };
const MAX_UNTOLD = 100_000;
const BOOKMARK_MS = 10_000;
/** How often a watch looks at what it knows without being told of a change; see task-watch.ts. */
const LOOK_AGAIN_MS = 30_000;
const LOOK = 1_000;
const LOOK_NEWEST = 100;

/**
 * Follows all tasks that a filter chooses; one that is chosen no longer is told of once more,
 * as having left. What changes several times before the consumer asks again is told of once.
 * Never ends by itself; rejects with WatchCompacted, with WATCH_OVERRUN, or if the record
 * cannot be read.
 */
export async function* watchChosen(
  { record, clock, read, feed, progress: reports }: ChosenWorld,
  org: string,
  filter: TaskFilter,
  { view, from, generation, signal }: ChosenOptions,
): AsyncGenerator<ChosenStep> {
  const known = new KnownTasks(asksForEnds(filter));
  const untold = new UntoldChanges(MAX_UNTOLD);
  /** While what was missed is read, what comes meanwhile: it has its place behind that. */
  let meanwhile = typeof from === 'number' ? new UntoldChanges(MAX_UNTOLD) : null;
  let broken: WatchCompacted | null = null;
  const progressed = new Set<string>();
  /** Being read: what comes of it is not known yet. */
  let reading: ReadonlySet<string> = new Set();
  let unsure: string[] = [];
  let bookmarkDue = false;
  let wake = () => {};
  const rouse = () => wake();

  const changed = ({ taskId, seq, state }: TaskChange, position: number) => {
    if (seq <= known.toldSeq(taskId)) return;
    if (known.isRuledOut(taskId, state)) return;
    const chosen = filter.states.length === 0 || filter.states.includes(state);
    if (!chosen && !known.mayHave(taskId) && !reading.has(taskId)) return;
    (meanwhile ?? untold).add(taskId, position);
    wake();
  };
  const requireWhole = () => {
    if (broken) throw broken;
    if (untold.overrun) throw overrun();
  };
  const position = () => untold.toldUpTo(feed.newest);
  const step = (of: Partial<ChosenStep>): ChosenStep => ({
    changes: [],
    snapshot: false,
    position: null,
    snapshotComplete: false,
    snapshotTruncated: false,
    ...of,
  });

  async function* snapshot(): AsyncGenerator<ChosenStep> {
    let beforeId: string | null = null;
    let left = SNAPSHOT_TASKS;
    for (let reads = 1; !signal.aborted; reads++) {
      requireWhole();
      const limit = Math.min(AT_ONCE[view], left);
      const query = { org, filter: snapshotFilter(filter), view, limit, beforeId };
      const page = await record.listTasks(query);
      for (const task of page.tasks) known.chose(task);
      left -= page.tasks.length;
      beforeId = page.beforeId;
      const truncated = beforeId !== null && (left === 0 || reads === SNAPSHOT_READS);
      const complete = beforeId === null || truncated;
      if (complete) known.complete = !truncated;
      const changes = page.tasks.map((task) => ({ taskId: task.taskId, task, left: false }));
      const more = { snapshotComplete: true, snapshotTruncated: truncated, position: position() };
      if (changes.length > 0 || complete) yield step({ changes, snapshot: true, ...(complete ? more : {}) });
      if (complete) return;
    }
  }

  /** Tells of tasks that may have changed; of what is not chosen only a little is read. */
  async function* tell(ids: readonly string[]): AsyncGenerator<ChosenStep> {
    reading = new Set(ids);
    const basic = await Promise.all(ids.map((id) => read(org, id, 'BASIC')));
    const isIn = (task: Task | null | undefined) => task != null && isChosen(filter, task);
    const changes = ids.flatMap((id, i) => (isIn(basic[i]) ? [] : change(id, basic[i] ?? null)));
    const chosen = basic.filter((task): task is Task => isIn(task));
    if (view === 'BASIC') {
      changes.push(...chosen.flatMap((task) => change(task.taskId, task)));
    } else {
      for (let i = 0; i < chosen.length; i += AT_ONCE[view]) {
        const some = chosen.slice(i, i + AT_ONCE[view]);
        const whole = await Promise.all(some.map(({ taskId }) => read(org, taskId, view)));
        const told = some.flatMap(({ taskId }, at) => change(taskId, whole[at] ?? null));
        if (told.length > 0) yield step({ changes: told });
      }
    }
    reading = new Set();
    yield step({ changes, position: position() });
  }

  /** What there is to tell of a task: nothing, or one change. */
  function change(taskId: string, task: Task | null): ChosenChange[] {
    const before = known.get(taskId);
    const progress = progressed.delete(taskId);
    if (task && isChosen(filter, task)) {
      if (before?.chosen && task.seq <= before.seq && !progress) return [];
      known.chose(task);
      return [{ taskId, task, left: false }];
    }
    const leaves = known.mayHave(taskId) && (before !== undefined || mayHaveBeenChosen(filter, task));
    if (leaves) known.left(taskId, task);
    if (task && isRuledOut(filter, task)) known.ruleOut(task);
    return leaves ? [{ taskId, task, left: true }] : [];
  }

  /** Finds what changed without having been published: a commit whose outcome was unknown. */
  async function look(ids: readonly string[]): Promise<void> {
    const states = await record.getTaskStates(org, ids);
    for (const [i, id] of ids.entries()) {
      if (known.get(id) && known.get(id)?.state !== states[i]) untold.add(id, feed.newest);
    }
    if (unsure.length > 0) return;
    const query = { org, filter: snapshotFilter(filter), view: 'BASIC', beforeId: null } as const;
    const { tasks } = await record.listTasks({ ...query, limit: LOOK_NEWEST });
    for (const { taskId, seq } of tasks) {
      if (known.complete && seq > (known.get(taskId)?.seq ?? 0)) untold.add(taskId, feed.newest);
    }
  }

  const endings: (() => void)[] = [];
  const after =
    typeof from === 'number' ? { position: from, ...(generation !== undefined && { generation }) } : null;
  const listener = {
    changed,
    broken(cause: WatchCompacted) {
      broken = cause;
      wake();
    },
  };
  const following = await feed.follow(org, listener, after);
  endings.push(following.end);
  endings.push(
    reports.add(org, (taskId) => {
      if (!known.get(taskId)?.chosen) return;
      progressed.add(taskId);
      untold.add(taskId, feed.newest);
      wake();
    }),
  );
  signal.addEventListener('abort', rouse);
  try {
    const bookmark = () => {
      bookmarkDue = true;
      wake();
    };
    let lookDue = false;
    const lookAgain = () => {
      lookDue = true;
      wake();
    };
    endings.push(every(clock, BOOKMARK_MS, bookmark), every(clock, LOOK_AGAIN_MS, lookAgain));
    if (from === 'SNAPSHOT') yield* snapshot();
    else if (from === 'NOW') yield step({ position: position() });
    else {
      for await (const missed of following.missed()) {
        for (const [{ taskId }, at] of missed) untold.add(taskId, at);
        requireWhole();
        if (signal.aborted) return;
      }
      if (meanwhile) untold.addAll(meanwhile);
      meanwhile = null;
      if (untold.size === 0) yield step({ position: position() });
    }
    while (!signal.aborted) {
      requireWhole();
      if (bookmarkDue) {
        bookmarkDue = false;
        yield step({ position: position() });
      } else if (lookDue) {
        lookDue = false;
        unsure = known.open().map(([id]) => id);
        do await look(unsure.splice(0, LOOK));
        while (unsure.length > 0 && !signal.aborted);
      } else if (untold.size > 0) {
        for await (const told of tell(untold.take(AT_ONCE.BASIC))) if (told.changes.length > 0) yield told;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    signal.removeEventListener('abort', rouse);
    for (const end of endings) end();
  }
}

function overrun(): ReeveError {
  const message = `the reader is more than ${MAX_UNTOLD} tasks behind; take a new snapshot`;
  return new ReeveError('OUT_OF_RANGE', 'WATCH_OVERRUN', message);
}
