import type { Clock } from '../ports/clock.js';
import type { Deadlines } from '../ports/deadlines.js';
import type { TaskKey } from '../ports/ready-index.js';
import { DueSet } from './due-set.js';

export function createDeadlines({ clock }: { readonly clock: Pick<Clock, 'now'> }): Deadlines {
  const due = new DueSet<TaskKey>();
  const keyOf = ({ org, taskId }: TaskKey) => `${org}\0${taskId}`;
  return {
    async watch(tasks) {
      for (const { org, taskId, due: at } of tasks) due.set(keyOf({ org, taskId }), at, { org, taskId });
    },
    async drop(tasks) {
      if (due.size > 0) for (const task of tasks) due.delete(keyOf(task));
    },
    async takeDue(max) {
      return due.take(clock.now(), max);
    },
  };
}
