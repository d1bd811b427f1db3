import { countsAs } from '../domain/agents/track-record.js';
import { byOrg } from '../domain/by-org.js';
import type { Lease } from '../domain/tasks/lease.js';
import { afterFailure } from '../domain/tasks/retry.js';
import type { TaskResult } from '../domain/tasks/task.js';
import type { TaskState } from '../domain/tasks/task-state.js';
import type { AttemptEnd } from '../ports/ready-index.js';
import type { Changed, SettleOutcome } from '../ports/task-record.js';
import { applyChanges } from './apply-changes.js';
import type { Ports } from './ports.js';

export interface ResultItem {
  readonly lease: Lease;
  /** The agent's name for this result, the same in every repeat. */
  readonly resultId: string;
  readonly result: TaskResult;
}

const STOPPED: ReadonlySet<TaskState> = new Set(['CANCELLED', 'QUEUED']);

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
    const ends: AttemptEnd[] = [];
    const changed: Changed[] = [];
    const repeated: Lease[] = [];
    items.forEach(({ lease, result }, i) => {
      const settled = outcomes[i];
      if (settled?.kind === 'OK') changed.push(settled);
      else if (settled?.kind === 'ALREADY_RECORDED') repeated.push(lease);
      const outcome = countsAs(result);
      // Nor does what was stopped for another's sake.
      const counts = settled?.kind === 'OK' && !STOPPED.has(settled.change.state);
      if (outcome === null || !counts) return;
      if (outcome === 'SUCCEEDED') learn(ports, lease);
      ends.push({ org: lease.org, taskId: lease.taskId, outcome });
    });
    await ports.index.recordAttempts(ends);
    await applyChanges(ports, changed);
    await tellAgain(ports, repeated);
    return outcomes;
  };

/** How long it took, where that is known: it costs nothing beyond what the settlement does. */
function learn({ durations, clock }: Ports, { org, chosen }: Lease): void {
  if (chosen) durations.succeeded(org, chosen.kind, clock.monotonic() - chosen.at);
}

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
