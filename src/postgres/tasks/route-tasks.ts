import { statesThatAllow } from '../../domain/tasks/task-state.js';
import { routedDetail } from '../../ports/task-decisions.js';
import type { RouteRequest, UpdateOutcome } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { decodeChanged } from './changed.js';
import type { ChangedRow } from './rows.js';
import { runBatch } from './run-batch.js';

const ROUTE_TASKS = loadStatement('./route-tasks.sql', import.meta.url);

const BYTES_A_CANDIDATE = 1_000;

interface Row extends ChangedRow {
  readonly kind: 'OK' | 'CHANGED_SINCE';
}

export function routeTasks(
  db: Database,
  requests: readonly RouteRequest[],
): Promise<(UpdateOutcome | undefined)[]> {
  const values = [
    requests.map((r) => r.org),
    requests.map((r) => r.taskId),
    requests.map((r) => r.seq),
    requests.map((r) => r.route && JSON.stringify(r.route)),
    requests.map((r) => r.reason),
    requests.map((r) => JSON.stringify(routedDetail(r))),
    statesThatAllow('ROUTED'),
  ];
  return runBatch(
    db,
    ROUTE_TASKS,
    values,
    requests,
    (row: Row, item): UpdateOutcome => (row.kind === 'OK' ? decodeChanged(row, item) : { kind: row.kind }),
  );
}

/** Roughly, in bytes: what a policy was asked with may be long. */
export function routeSize({ decision, auction }: RouteRequest): number {
  return ((decision?.input.candidates?.length ?? 0) + (auction?.bids.length ?? 0)) * BYTES_A_CANDIDATE;
}
