import { byOrg } from '../domain/by-org.js';
import { isTerminal } from '../domain/tasks/task-state.js';
import type { TaskKey } from '../ports/ready-index.js';
import type { Ports } from './ports.js';

/** Watches the deadlines of tasks that had ended and are open again: when they ended, that was over. */
export async function watchDeadlines({ record, deadlines }: Ports, tasks: readonly TaskKey[]): Promise<void> {
  for (const [org, ofOrg] of byOrg(tasks)) {
    const found = await record.getTasks(
      org,
      ofOrg.map(({ taskId }) => taskId),
      'BASIC',
    );
    await deadlines.watch(
      found.flatMap((task) => {
        if (!task || task.spec.deadline === null || isTerminal(task.state)) return [];
        const { taskId, seq, spec } = task;
        return [{ org, taskId, seq, due: spec.deadline as number }];
      }),
    );
  }
}
