import type { Principal } from '../domain/access/principal.js';
import { ReeveError, taskNotFound } from '../domain/errors.js';
import type { Task } from '../domain/tasks/task.js';
import type { TaskState } from '../domain/tasks/task-state.js';
import type { Changed, TransitionOutcome } from '../ports/task-record.js';
import { applyChanges } from './apply-changes.js';
import type { Ports } from './ports.js';
import { skippedFor } from './skipped-for.js';
import { watchDeadlines } from './watch-deadlines.js';
import { withTimeouts } from './with-timeouts.js';

export interface RetryItem {
  readonly taskId: string;
  /** As in `RetryRequest`. */
  readonly timeoutMs?: number;
  readonly reason: string;
}

/**
 * Begins the attempts of ended tasks anew. One reply an item, in order: the task after it,
 * without its payloads, or why not.
 */
export const retryTasks =
  (ports: Ports) =>
  async (principal: Principal, items: readonly RetryItem[]): Promise<readonly (Task | ReeveError)[]> => {
    const bounded = await withTimeouts(ports, principal.org, items);
    const outcomes = await recordRetries(ports, principal, bounded);
    // Read as they were queued, before they may go to an agent.
    const ids = items.map((item) => item.taskId);
    const tasks = await ports.record.getTasks(principal.org, ids, 'BASIC');
    await reopen(ports, done(outcomes));
    return Promise.all(
      ids.map(async (id, i) => {
        const outcome = outcomes[i];
        if (outcome?.kind === 'REFUSED') return refusal(ports, principal.org, id, outcome.state);
        return (outcome?.kind === 'OK' && tasks[i]) || taskNotFound(id);
      }),
    );
  };

/** The same without a look at the tasks before it, see {@link withTimeouts}, and after it. */
export const requestRetries =
  (ports: Ports) =>
  async (principal: Actor, items: readonly RetryItem[]): Promise<readonly TransitionOutcome[]> => {
    const outcomes = await recordRetries(ports, principal, items);
    await reopen(ports, done(outcomes));
    return outcomes;
  };

type Actor = Pick<Principal, 'org' | 'subject'>;

function recordRetries({ record }: Ports, { org, subject: actor }: Actor, items: readonly RetryItem[]) {
  return record.retryTasks(items.map((item) => ({ ...item, org, actor })));
}

async function reopen(ports: Ports, changed: readonly Changed[]): Promise<void> {
  await applyChanges(ports, changed);
  // What is BLOCKED is seen to with its chain.
  const changes = changed.map(({ change }) => change);
  await watchDeadlines(
    ports,
    changes.filter(({ state }) => state !== 'BLOCKED'),
  );
}

function done(outcomes: readonly TransitionOutcome[]): readonly Changed[] {
  return outcomes.flatMap((outcome) => (outcome.kind === 'OK' ? [outcome] : []));
}

/** Why not; for a task that was skipped with what is to be retried instead. */
async function refusal(ports: Ports, org: string, taskId: string, state: TaskState): Promise<ReeveError> {
  const upstreams = state === 'SKIPPED' ? await skippedFor(ports, { org, taskId }) : [];
  const [upstream] = upstreams;
  const more = upstreams.length > 1 ? ` and ${upstreams.length - 1} more` : '';
  const message = upstream
    ? `task ${taskId} is SKIPPED because of task ${upstream.taskId}${more}: retry that, and it waits for it again`
    : `task ${taskId} is ${state}; only FAILED, DEAD_LETTER, TIMED_OUT and CANCELLED tasks can be retried`;
  return new ReeveError('FAILED_PRECONDITION', 'TASK_NOT_RETRYABLE', message, {
    metadata: { task_id: taskId, state, ...(upstream && { upstream_task_id: upstream.taskId }) },
  });
}
