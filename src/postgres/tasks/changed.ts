import type { ReadyTask, TaskKey } from '../../ports/ready-index.js';
import type { Changed, Moved } from '../../ports/task-record.js';
import type { ChangedRow, DependentRow, MovedRow, ReadyColumns } from './rows.js';
import { decodeRequirements, type RequirementsColumn } from './spec-columns.js';

export function decodeChanged(
  row: ChangedRow,
  key: TaskKey,
  dependents: readonly DependentRow[] = [],
): Changed {
  return {
    kind: 'OK',
    epoch: row.epoch,
    ...decodeMoved(row, key),
    dependents: decodeDependents(dependents, key.org),
  };
}

/** @param org that of the task they depend on, and theirs */
export function decodeDependents(rows: readonly DependentRow[], org: string): readonly Moved[] {
  return rows.map((row) => decodeMoved(row, { org, taskId: row.dependent_id }));
}

export function decodeMoved(row: MovedRow, { org, taskId }: TaskKey): Moved {
  const moved = {
    change: { org, taskId, seq: row.seq, state: row.state },
    agentId: row.agent_id,
    ready: row.requirements ? decodeReady({ org, taskId }, row, row.requirements) : null,
    runTime: row.run_time,
  };
  return row.workflow_id ? { ...moved, workflowId: row.workflow_id } : moved;
}

export function decodeReady(
  { org, taskId }: TaskKey,
  { seq, band, tier, score, epoch, kind_of_task: kind, agent_id: lastAgentId }: ReadyColumns,
  requirements: RequirementsColumn,
): ReadyTask {
  return {
    org,
    taskId,
    seq,
    band,
    tier,
    score,
    kind,
    requirements: decodeRequirements(requirements),
    lastAgentId,
    ...(epoch > 0 && { epoch }),
  };
}
