import { LEASED_STATES } from '../../domain/tasks/task-state.js';
import type { CheckpointOutcome, CheckpointRequest } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { packBytes } from './bytes-column.js';
import { runBatch } from './run-batch.js';

const SAVE_CHECKPOINTS = loadStatement('./save-checkpoints.sql', import.meta.url);

export function saveCheckpoints(
  db: Database,
  requests: readonly CheckpointRequest[],
): Promise<(CheckpointOutcome | undefined)[]> {
  const [data] = packBytes([requests.map((r) => r.payload.data)] as const);
  const values = [
    requests.map((r) => r.org),
    requests.map((r) => r.taskId),
    requests.map((r) => r.epoch),
    requests.map((r) => r.agentId),
    requests.map((r) => r.payload.mediaType),
    data.bytes,
    data.starts,
    data.lengths,
    LEASED_STATES,
  ];
  return runBatch(db, SAVE_CHECKPOINTS, values, requests, () => ({ kind: 'OK' }));
}

export function checkpointSize({ payload }: CheckpointRequest): number {
  return payload.data.length;
}
