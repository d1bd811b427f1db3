import type { Clock } from '../ports/clock.js';
import type { Deadlines } from '../ports/deadlines.js';
import type { TaskKey, TaskVersion } from '../ports/ready-index.js';
import { DueSet } from './due-set.js';

export function createDeadlines({ clock }: { readonly clock: Pick<Clock, 'now'> }): Deadlines {
  const due = new DueSet<TaskVersion>();
  const keyOf = ({ org, taskId }: TaskKey) => `${org}\0${taskId}`;
  const isOld = (key: string, { seq }: TaskVersion) => (due.get(key)?.seq ?? 0) > seq;
  return {
    async watch(deadlines) {
      for (const { org, taskId, seq, due: at } of deadlines) {
        const key = keyOf({ org, taskId });
        if (!isOld(key, { org, taskId, seq })) due.set(key, at, { org, taskId, seq });
      }
    },
    async drop(tasks) {
      if (due.size === 0) return;
      for (const task of tasks) {
        const key = keyOf(task);
        if (!isOld(key, task)) due.delete(key);
      }
    },
    async takeDue(max) {
      return due.take(clock.now(), max);
    },
  };
}
