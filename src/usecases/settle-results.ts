import { countsAs } from '../domain/agents/track-record.js';
import { byOrg } from '../domain/by-org.js';
import type { Lease } from '../domain/tasks/lease.js';
import { afterFailure } from '../domain/tasks/retry.js';
import type { TaskResult } from '../domain/tasks/task.js';
import type { SettleOutcome } from '../ports/task-record.js';
import { applyChanges } from './apply-changes.js';
import type { Ports } from './ports.js';

export interface ResultItem {
  readonly lease: Lease;
  /** The agent's name for this result, the same in every repeat. */
  readonly resultId: string;
  readonly result: TaskResult;
}

/** Records how attempts ended. One outcome an item, in order; it may be acknowledged once it is here. */
export const settleResults =
  (ports: Ports) =>
  async (items: readonly ResultItem[]): Promise<readonly SettleOutcome[]> => {
    const requests = items.map(({ lease, resultId, result }) => {
      const { org, taskId, epoch, agentId, retry, attempt } = lease;
      const retryable = result.outcome === 'CANCELLED' || (result.error?.retryable ?? true);
      const next = afterFailure(retry, attempt, retryable, ports.ids.random());
      return { org, taskId, epoch, agentId, resultId, result, afterFailure: next };
    });
    const outcomes = await ports.record.settleTasks(requests);
    await ports.failpoints.hit('settle.before-index');
    await ports.index.recordAttempts(
      items.flatMap(({ lease: { org, taskId }, result }, i) => {
        const outcome = countsAs(result);
        const settled = outcomes[i];
        const cancelled = settled?.kind !== 'OK' || settled.change.state === 'CANCELLED';
        return outcome === null || cancelled ? [] : [{ org, taskId, outcome }];
      }),
    );
    await applyChanges(
      ports,
      outcomes.flatMap((o) => (o.kind === 'OK' ? [o] : [])),
    );
    await tellAgain(
      ports,
      items.flatMap(({ lease }, i) => (outcomes[i]?.kind === 'ALREADY_RECORDED' ? [lease] : [])),
    );
    return outcomes;
  };

/** A repeat, as a rule, because the first answer was lost: then nobody has told the watchers. */
async function tellAgain({ record, changes }: Ports, leases: readonly Lease[]): Promise<void> {
  for (const [org, ofOrg] of byOrg(leases)) {
    const ids = ofOrg.map(({ taskId }) => taskId);
    const tasks = await record.getTasks(org, ids, 'BASIC');
    changes.publish(
      tasks.flatMap((task) => (task ? [{ org, taskId: task.taskId, seq: task.seq, state: task.state }] : [])),
    );
  }
}
