import { LEASED_STATES } from '../../domain/tasks/task-state.js';
import type { HeldTask } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { getCheckpoints } from './get-checkpoints.js';
import { decodeLease, type LeaseColumns } from './lease-columns.js';

const GET_LEASES_OF_REQUEST = loadStatement('./get-leases-of-request.sql', import.meta.url);
const FORGET_LEASE_REQUESTS = loadStatement('./forget-lease-requests.sql', import.meta.url);

const MAX_LEASES = 1_000;
const MAX_FORGOTTEN = 10_000;

interface Row extends LeaseColumns {
  readonly task_id: string;
  readonly epoch: number;
  readonly create_time: number;
  readonly body: Uint8Array;
  readonly has_checkpoint: boolean;
}

export async function getLeasesOfRequest(
  db: Database,
  org: string,
  agentId: string,
  requestId: string,
): Promise<HeldTask[]> {
  const values = [org, agentId, requestId, LEASED_STATES, MAX_LEASES];
  const rows = await db.read<Row>(GET_LEASES_OF_REQUEST, values);
  const tasks = rows.map((row): HeldTask => {
    const lease = decodeLease({ org, taskId: row.task_id, epoch: row.epoch }, agentId, row);
    return { lease, body: row.body, createTime: row.create_time };
  });
  const marked = tasks.filter((_, i) => rows[i]?.has_checkpoint).map(({ lease }) => lease);
  const left = await getCheckpoints(db, marked);
  return tasks.map((task) => {
    const checkpoint = left.get(task.lease)?.payload;
    return checkpoint ? { ...task, checkpoint } : task;
  });
}

export async function forgetLeaseRequests(db: Database, olderThanMs: number): Promise<void> {
  await db.write(FORGET_LEASE_REQUESTS, [olderThanMs, MAX_FORGOTTEN]);
}
