import type { Task } from '../domain/tasks/task.js';
import type { TaskFilter } from '../domain/tasks/task-filter.js';
import { isTerminal, type TaskState } from '../domain/tasks/task-state.js';
import type { Clock } from '../ports/clock.js';
import type { TaskChange, TaskChanges } from '../ports/task-changes.js';
import type { TaskRecord, TaskView } from '../ports/task-record.js';
import { every } from './feeds/every.js';
import { OrgListeners } from './feeds/org-listeners.js';
import { takeFirst } from './feeds/take-first.js';
import type { TaskFeed } from './feeds/task-feed.js';
import { type ChosenOptions, type ChosenStep, watchChosen } from './feeds/watch-chosen.js';
import { createTaskReader, type ReadTask } from './task-reader.js';

/** A watched task at one moment. */
export interface WatchedTask {
  readonly taskId: string;
  /** `null`: the organisation has none of that id. */
  readonly task: Task | null;
}

export interface WatchOptions {
  readonly view: TaskView;
  /** A task is told of only when it has ended. */
  readonly onlyEnds: boolean;
  /** Ends the watch, without an error. */
  readonly signal: AbortSignal;
  /** Tell of no task every now and then, so that who listens knows that somebody is there. Default: false. */
  readonly signsOfLife?: boolean;
}

export interface TaskWatchers {
  /** Where changes are published once they are committed. */
  readonly changes: TaskChanges;
  /** Tells that agents reported progress: watches tell of the tasks again, `seq` unchanged. */
  progressed(org: string, taskIds: readonly string[]): void;
  readonly read: ReadTask;
  readonly feed: TaskFeed;
  /**
   * Follows tasks: each as it is now, then as it is after changes, with rising `seq`. What
   * changes several times before the consumer asks again is told of once, as it is then:
   * a slow consumer costs an id a task, whatever happens. Ends when all tasks have ended or
   * do not exist. Rejects if the record cannot be read.
   */
  watch(
    org: string,
    taskIds: readonly string[],
    options: WatchOptions,
  ): AsyncGenerator<readonly WatchedTask[]>;
  /** Follows all tasks that a filter chooses; see feeds/watch-chosen.ts. */
  watchChosen(org: string, filter: TaskFilter, options: ChosenOptions): AsyncGenerator<ChosenStep>;
}

/** Tasks that one step of a watch reads and tells of at most. */
const STEP = 100;
/** Tasks whose states are looked at in one step. */
const LOOK = 1_000;

interface Listener {
  changed(change: TaskChange): void;
  progressed(taskId: string): void;
}

/**
 * How often a watch looks again without being told of a change, in ms: what was committed
 * while the commit's outcome was unknown is published by nobody.
 */
const LOOK_AGAIN_MS = 30_000;
const SIGN_OF_LIFE_MS = 10_000;

export function createTaskWatchers(world: {
  readonly record: Pick<TaskRecord, 'getTasks' | 'getTaskStates' | 'listTasks'>;
  readonly clock: Pick<Clock, 'after'>;
  readonly feed: TaskFeed;
}): TaskWatchers {
  const { record, clock, feed } = world;
  const read = createTaskReader(record);
  const progress = new OrgListeners<(taskId: string) => void>();
  const orgs = new Map<string, Map<string, Set<Listener>>>();

  function subscribe(org: string, taskIds: readonly string[], listener: Listener): () => void {
    const tasks = orgs.get(org) ?? new Map<string, Set<Listener>>();
    orgs.set(org, tasks);
    for (const id of taskIds) {
      const listeners = tasks.get(id);
      if (listeners) listeners.add(listener);
      else tasks.set(id, new Set([listener]));
    }
    return () => {
      for (const id of taskIds) {
        const listeners = tasks.get(id);
        listeners?.delete(listener);
        if (listeners?.size === 0) tasks.delete(id);
      }
      if (tasks.size === 0 && orgs.get(org) === tasks) orgs.delete(org);
    };
  }

  async function* watch(org: string, taskIds: readonly string[], options: WatchOptions) {
    const { view, onlyEnds, signal } = options;
    /** Tasks to be read and told of. */
    const dirty = new Set<string>(onlyEnds ? [] : taskIds);
    /** Tasks that may have ended unnoticed: their states are looked at first, which is cheap. */
    const unsure = new Set<string>(onlyEnds ? taskIds : []);
    const open = new Set(taskIds);
    const seen = new Map<string, number>();
    let wake = () => {};
    const rouse = () => wake();

    const progressed = new Set<string>();
    const unsubscribe = subscribe(org, taskIds, {
      changed({ taskId, seq, state }) {
        if (seq <= (seen.get(taskId) ?? 0)) return;
        // An end that was told of may be undone by RetryTask: then the task is open again.
        if (onlyEnds && open.has(taskId) && !isTerminal(state)) return;
        dirty.add(taskId);
        wake();
      },
      progressed(taskId) {
        if (onlyEnds || !open.has(taskId)) return;
        progressed.add(taskId);
        dirty.add(taskId);
        wake();
      },
    });
    signal.addEventListener('abort', rouse);
    const stopLooking = every(clock, LOOK_AGAIN_MS, () => {
      for (const id of open) (onlyEnds ? unsure : dirty).add(id);
      wake();
    });
    let lifeDue = false;
    const signOfLife = () => {
      lifeDue = true;
      wake();
    };
    const stopSigns = options.signsOfLife ? every(clock, SIGN_OF_LIFE_MS, signOfLife) : () => {};
    let leave = () => {};
    try {
      leave = await feed.attend();
      while (!signal.aborted && (dirty.size > 0 || open.size > 0)) {
        if (lifeDue) {
          lifeDue = false;
          yield [];
          continue;
        }
        if (unsure.size > 0) {
          const ids = takeFirst(unsure, LOOK);
          const states = await record.getTaskStates(org, ids);
          for (const [i, id] of ids.entries()) if (!isOpen(states[i])) dirty.add(id);
          continue;
        }
        if (dirty.size === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        const ids = takeFirst(dirty, STEP);
        const tasks = await Promise.all(ids.map((id) => read(org, id, view)));
        const told: WatchedTask[] = [];
        for (const [i, taskId] of ids.entries()) {
          const task = tasks[i] ?? null;
          const seq = task?.seq ?? 0;
          const progress = progressed.delete(taskId);
          if (task && seq <= (seen.get(taskId) ?? 0) && !progress) continue;
          seen.set(taskId, seq);
          const ended = !task || isTerminal(task.state);
          if (ended) open.delete(taskId);
          else open.add(taskId);
          if (ended || !onlyEnds) told.push({ taskId, task });
        }
        if (told.length > 0 && !signal.aborted) yield told;
      }
    } finally {
      leave();
      stopLooking();
      stopSigns();
      signal.removeEventListener('abort', rouse);
      unsubscribe();
    }
  }

  const listenersOf = (org: string, taskId: string) => orgs.get(org)?.get(taskId) ?? [];
  feed.listen((change) => {
    for (const listener of listenersOf(change.org, change.taskId)) listener.changed(change);
  });
  return {
    changes: feed,
    progressed(org, taskIds) {
      for (const id of taskIds) for (const listener of listenersOf(org, id)) listener.progressed(id);
      for (const listener of progress.of(org)) for (const id of taskIds) listener(id);
    },
    read,
    feed,
    watch,
    watchChosen: (org, filter, options) =>
      watchChosen({ record, clock, read, feed, progress }, org, filter, options),
  };
}

function isOpen(state: TaskState | null | undefined): boolean {
  return state != null && !isTerminal(state);
}
