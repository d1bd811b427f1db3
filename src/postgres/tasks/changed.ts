import type { Band } from '../../domain/tasks/source.js';
import type { Tier } from '../../domain/tasks/tier.js';
import type { ReadyTask, TaskKey } from '../../ports/ready-index.js';
import type { Changed } from '../../ports/task-record.js';
import type { BatchRow } from './run-batch.js';
import { decodeRequirements, type RequirementsColumn } from './spec-columns.js';

/** The columns that the index needs of a task. */
export interface ReadyColumns {
  readonly band: Band;
  readonly tier: Tier;
  readonly score: number;
  readonly kind_of_task: string;
  /** Who holds it, or held it last. */
  readonly agent_id: string | null;
}

/** What a statement answers for a task that may be back before an agent. */
export interface ChangedRow extends BatchRow, ReadyColumns {
  readonly seq: number;
  readonly run_time: number | null;
  /** With QUEUED and SCHEDULED. */
  readonly requirements: RequirementsColumn | null;
}

export function decodeChanged(row: ChangedRow, { org, taskId }: TaskKey): Changed {
  return {
    kind: 'OK',
    change: { org, taskId, seq: row.seq, state: row.state },
    agentId: row.agent_id,
    ready: row.requirements ? decodeReady({ org, taskId }, row, row.requirements) : null,
    runTime: row.run_time,
  };
}

export function decodeReady(
  { org, taskId }: TaskKey,
  { band, tier, score, kind_of_task: kind, agent_id: lastAgentId }: ReadyColumns,
  requirements: RequirementsColumn,
): ReadyTask {
  return {
    org,
    taskId,
    band,
    tier,
    score,
    kind,
    requirements: decodeRequirements(requirements),
    lastAgentId,
  };
}
