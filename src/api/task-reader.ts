import type { Task } from '../domain/tasks/task.js';
import type { TaskRecord, TaskView } from '../ports/task-record.js';

/** Reads tasks one by one, and lets the record have them in batches. */
export type ReadTask = (org: string, taskId: string, view: TaskView) => Promise<Task | null>;

/** With payloads of up to 256 KiB each way, a batch stays around 25 MiB. */
const BATCH: Readonly<Record<TaskView, number>> = { BASIC: 500, RESULT: 100, FULL: 50 };

interface Waiting {
  readonly taskId: string;
  readonly promise: Promise<Task | null>;
  readonly resolve: (task: Task | null) => void;
  readonly reject: (error: unknown) => void;
}

interface Lane {
  readonly org: string;
  readonly view: TaskView;
  readonly waiting: Map<string, Waiting>;
}

/**
 * While one read of an organisation is in flight, the next accumulates. A read begins after
 * it was asked for, so what was committed before is in it.
 */
export function createTaskReader(record: Pick<TaskRecord, 'getTasks'>): ReadTask {
  const lanes = new Map<string, Lane>();

  async function drain(key: string, lane: Lane): Promise<void> {
    // Whoever else asks within this turn comes along.
    await Promise.resolve();
    while (lane.waiting.size > 0) {
      const batch = [...lane.waiting.values()].slice(0, BATCH[lane.view]);
      for (const { taskId } of batch) lane.waiting.delete(taskId);
      try {
        const ids = batch.map(({ taskId }) => taskId);
        const tasks = await record.getTasks(lane.org, ids, lane.view);
        for (const [i, { resolve }] of batch.entries()) resolve(tasks[i] ?? null);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    lanes.delete(key);
  }

  return (org, taskId, view) => {
    const key = `${view} ${org}`;
    let lane = lanes.get(key);
    if (!lane) {
      lane = { org, view, waiting: new Map() };
      lanes.set(key, lane);
      void drain(key, lane);
    }
    let read = lane.waiting.get(taskId);
    if (!read) {
      read = waiting(taskId);
      lane.waiting.set(taskId, read);
    }
    return read.promise;
  };
}

function waiting(taskId: string): Waiting {
  let resolve: Waiting['resolve'] = () => {};
  let reject: Waiting['reject'] = () => {};
  const promise = new Promise<Task | null>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { taskId, promise, resolve, reject };
}
