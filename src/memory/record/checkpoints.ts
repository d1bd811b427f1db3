import type { Checkpoint } from '../../domain/tasks/checkpoint.js';
import type { Payload } from '../../domain/tasks/task.js';
import { isLeased } from '../../domain/tasks/task-state.js';
import type { TaskKey } from '../../ports/ready-index.js';
import type { CheckpointOutcome, CheckpointRequest } from '../../ports/task-record.js';
import { unstorable } from './storable.js';
import { keyOf, type Tables } from './tables.js';
import { onTasks, refused } from './verb.js';

/** Throws if one of them cannot be stored, after the others have been. */
export function saveCheckpoints(
  tables: Tables,
  requests: readonly CheckpointRequest[],
  now: number,
): CheckpointOutcome[] {
  const why = requests.map((request) => unstorable(request));
  const storable = requests.filter((_, i) => why[i] === null);
  const outcomes = onTasks(tables, storable, now, (row, { epoch, agentId, payload }): CheckpointOutcome => {
    if (row.epoch !== epoch || row.agentId !== agentId || !isLeased(row.state)) return refused(row);
    const { org, taskId, attempt } = row;
    tables.checkpoints.set(keyOf(org, taskId), { payload, epoch, attempt, updateTime: now });
    return { kind: 'OK' };
  });
  const reason = why.find((one) => one !== null);
  if (reason) throw new Error(reason);
  return outcomes;
}

export function getCheckpoint(tables: Tables, { org, taskId }: TaskKey): Checkpoint | null {
  return tables.checkpoints.get(keyOf(org, taskId)) ?? null;
}

/** For an agent: as a part of what it gets, if there is one. */
export function checkpointOf(tables: Tables, task: TaskKey): { readonly checkpoint?: Payload } {
  const payload = getCheckpoint(tables, task)?.payload;
  return payload ? { checkpoint: payload } : {};
}
