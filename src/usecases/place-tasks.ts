import { isTerminal } from '../domain/tasks/task-state.js';
import type { Moved } from '../ports/task-record.js';
import type { Ports } from './ports.js';

/**
 * Puts tasks where they belong by their new state: into a lane, or aside until they are due (one without a time
 * keeps the one it has). What
 * has ended is not watched for its deadline any more. Tells the watchers.
 */
export async function placeTasks(ports: Ports, moved: readonly Moved[]): Promise<void> {
  const inState = (state: string) => moved.filter(({ change }) => change.state === state);
  await ports.index.add(inState('QUEUED').flatMap(({ ready }) => ready ?? []));
  await ports.index.delay(
    inState('SCHEDULED').flatMap(({ ready, runTime }) => {
      if (!ready || runTime === null) return [];
      const { org, taskId, seq, tier } = ready;
      return [{ org, taskId, seq, tier, due: runTime }];
    }),
  );
  const changes = moved.map(({ change }) => change);
  await ports.deadlines.drop(changes.filter(({ state }) => isTerminal(state)));
  ports.changes.publish(changes);
}
