import { statesThatAllow } from '../../domain/tasks/task-state.js';
import type { ClaimOutcome, ClaimRequest } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { getCheckpoints } from './get-checkpoints.js';
import { decodeLease, type LeaseColumns } from './lease-columns.js';
import type { BatchRow } from './rows.js';
import { runBatch } from './run-batch.js';
import { sparseColumn } from './sparse-column.js';
import { encodeSelection } from './spec-columns.js';

const CLAIM_TASKS = loadStatement('./claim-tasks.sql', import.meta.url);

interface Row extends BatchRow, LeaseColumns {
  readonly seq: number;
  readonly create_time: number;
  readonly body: Uint8Array;
  readonly kind_of_task: string;
  readonly has_checkpoint: boolean;
}

/** Only tasks of which something was left cost a look at it. */
export async function claimTasks(
  db: Database,
  requests: readonly ClaimRequest[],
): Promise<(ClaimOutcome | undefined)[]> {
  const values = [
    requests.map((r) => r.org),
    requests.map((r) => r.taskId),
    requests.map((r) => r.agentId),
    requests.map((r) => r.acceptWithinMs),
    statesThatAllow('CLAIMED'),
    sparseColumn(requests, (r) => r.requestId),
    sparseColumn(requests, (r) => encodeSelection(r.selection)),
  ];
  const marked: ClaimRequest[] = [];
  const outcomes = await runBatch(db, CLAIM_TASKS, values, requests, (row: Row, request) => {
    if (row.has_checkpoint) marked.push(request);
    return decode(row, request);
  });
  if (marked.length === 0) return outcomes;
  const left = await getCheckpoints(db, marked);
  return outcomes.map((outcome, i) => {
    const checkpoint = left.get(requests[i] as ClaimRequest)?.payload;
    return outcome?.kind === 'OK' && checkpoint ? { ...outcome, checkpoint } : outcome;
  });
}

function decode(row: Row, { org, taskId, agentId }: ClaimRequest): ClaimOutcome {
  return {
    kind: 'OK',
    change: { org, taskId, seq: row.seq, state: row.state },
    lease: decodeLease({ org, taskId, epoch: row.epoch }, agentId, row),
    body: row.body,
    createTime: row.create_time,
    taskKind: row.kind_of_task,
  };
}
