import type { OpenTask, OpenTaskCursor, TaskRecord } from '../ports/task-record.js';
import type { Ports } from '../usecases/ports.js';

/** Tasks that are read at once. */
export const PAGE = 1_000;

/** Brings the index up to open tasks as the record has them. */
export async function tellOpenTasks(
  { index, deadlines, clock }: Pick<Ports, 'index' | 'deadlines' | 'clock'>,
  tasks: readonly OpenTask[],
): Promise<void> {
  const now = clock.now();
  const inState = (state: OpenTask['state']) => tasks.filter((task) => task.state === state);
  // Slots first, so that nobody's tasks do not wait for who had them; nobody had what was never claimed.
  await index.freeSlots(tasks.filter((t) => t.leaseRemainingMs === null && t.epoch > 0).map(claimOf));
  await index.add(
    inState('QUEUED').map(({ ready }) => ready),
    'LOADED',
  );
  await index.delay(
    inState('SCHEDULED').map(({ ready: { org, taskId, seq, tier }, runTime }) => {
      return { org, taskId, seq, tier, due: runTime ?? now };
    }),
  );
  await deadlines.watch(
    tasks.flatMap(({ ready: { org, taskId, seq }, deadline }) =>
      deadline === null ? [] : [{ org, taskId, seq, due: deadline }],
    ),
  );
  await index.hintLeases(
    tasks.flatMap((task) =>
      task.leaseRemainingMs === null
        ? []
        : [{ ...claimOf(task), due: now + Math.max(0, task.leaseRemainingMs) }],
    ),
    'LOADED',
  );
}

/**
 * Reads the open tasks from a place on, and does something with each page while the next one is read.
 *
 * @param work is told where the next page begins; `null`: it was the last
 * @param goesOn asked before each page
 * @returns whether it came to the end
 */
export async function eachOpenPage(
  record: Pick<TaskRecord, 'listOpenTasks'>,
  from: OpenTaskCursor | null,
  work: (tasks: readonly OpenTask[], next: OpenTaskCursor | null) => Promise<void>,
  goesOn: () => boolean,
): Promise<boolean> {
  let page = await record.listOpenTasks(from, PAGE);
  while (goesOn()) {
    const { tasks, cursor } = page;
    const done = work(tasks, cursor);
    if (cursor === null) {
      await done;
      return goesOn();
    }
    [page] = await Promise.all([record.listOpenTasks(cursor, PAGE), done]);
  }
  return false;
}

function claimOf({ ready: { org, taskId }, epoch }: OpenTask) {
  return { org, taskId, epoch };
}
