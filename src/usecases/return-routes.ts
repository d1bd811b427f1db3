import { type Route, standingOf } from '../domain/routing/route.js';
import type { TaskKey } from '../ports/ready-index.js';
import type { RouteRequest } from '../ports/task-record.js';
import { placeTasks } from './place-tasks.js';
import type { Ports } from './ports.js';

/** Why a chosen agent does not get a task after all. */
export type ReturnCause = 'AGENT_GONE' | 'NOT_STARTED';

export interface ReturnedRoute extends TaskKey {
  /** Who was chosen. */
  readonly agentId: string;
  readonly cause: ReturnCause;
}

/** Of an auction whose winner is gone the next is asked first. */
function returnsToAll({ by, fallback, next = [] }: Route, cause: ReturnCause): boolean {
  return fallback && !(by === 'AUCTION' && cause === 'AGENT_GONE' && next.length > 0);
}

/**
 * Returns tasks to selection that still wait for who was chosen: anybody eligible gets them, or the choice is
 * made anew. Answers with those of which nothing is to be done any more; the others are placed, or have
 * changed just now and are to be looked at again.
 */
export async function returnRoutes(
  ports: Ports,
  org: string,
  returned: readonly ReturnedRoute[],
): Promise<readonly TaskKey[]> {
  if (returned.length === 0) return [];
  const tasks = await ports.record.getTasks(
    org,
    returned.map(({ taskId }) => taskId),
    'BASIC',
  );
  const over: TaskKey[] = [];
  const requests = returned.flatMap(({ taskId, agentId, cause }, i): RouteRequest[] => {
    const task = tasks[i];
    const route = task?.spec.requirements.route ?? null;
    const standing = standingOf(route, task?.epoch ?? 0);
    if (task?.state !== 'QUEUED' || !route || standing.kind !== 'ADDRESSED' || standing.agentId !== agentId) {
      over.push({ org, taskId });
      return [];
    }
    const next = returnsToAll(route, cause) ? null : { ...route, agentId: null, until: null };
    return [{ org, taskId, seq: task.seq, route: next, reason: `${cause}: ${agentId}`, decision: null }];
  });
  if (requests.length === 0) return over;
  const outcomes = await ports.record.routeTasks(requests);
  await placeTasks(
    ports,
    outcomes.flatMap((outcome) => (outcome.kind === 'OK' ? [outcome] : [])),
  );
  for (const [i, { taskId }] of requests.entries()) {
    const kind = outcomes[i]?.kind;
    if (kind === 'REFUSED' || kind === 'NOT_FOUND') over.push({ org, taskId });
  }
  return over;
}
