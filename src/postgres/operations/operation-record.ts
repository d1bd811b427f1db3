import {
  isOver,
  type Operation,
  type OperationState,
  type OperationVerb,
} from '../../domain/operations/operation.js';
import { EVERY_TASK, type TaskFilter } from '../../domain/tasks/task-filter.js';
import {
  type CreateOutcome,
  MAX_OPEN_OPERATIONS,
  type OperationRecord,
} from '../../ports/operation-record.js';
import type { Database } from '../database.js';
import { isPassingConflict } from '../sql-errors.js';
import { loadStatement } from '../statement.js';

const CREATE_OPERATION = loadStatement('./create-operation.sql', import.meta.url);
const GET_OPERATION = loadStatement('./get-operation.sql', import.meta.url);
const LIST_OPERATIONS = loadStatement('./list-operations.sql', import.meta.url);
const LIST_OPEN_OPERATIONS_OF_ORG = loadStatement('./list-open-operations-of-org.sql', import.meta.url);
const LIST_OPEN_OPERATIONS = loadStatement('./list-open-operations.sql', import.meta.url);
const ADVANCE_OPERATION = loadStatement('./advance-operation.sql', import.meta.url);
const CANCEL_OPERATION = loadStatement('./cancel-operation.sql', import.meta.url);
const FORGET_OPERATIONS = loadStatement('./forget-operations.sql', import.meta.url);

const MAX_FORGOTTEN = 10_000;
const ABOVE_ALL = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const BELOW_ALL = '00000000-0000-0000-0000-000000000000';

interface Row {
  readonly org: string;
  readonly id: string;
  readonly verb: OperationVerb;
  readonly state: OperationState;
  /** What was accepted by an older coordinator lacks conditions that came later. */
  readonly filter: Partial<TaskFilter>;
  readonly dry_run: boolean;
  readonly reason: string;
  readonly grace_ms: number | null;
  readonly actor: string;
  readonly cursor: string;
  readonly total: number;
  readonly done: number;
  readonly skipped: number;
  readonly failed: number;
  readonly state_counts: Readonly<Record<string, number>>;
  readonly kind_counts: Readonly<Record<string, number>>;
  readonly error: string;
  readonly create_time: number;
  readonly update_time: number;
  readonly end_time: number | null;
}

interface CreatedRow extends Row {
  readonly kind: Exclude<CreateOutcome['kind'], 'TOO_MANY'>;
}

/** The record of operations in Postgres. */
export function createOperationRecord(db: Database): OperationRecord {
  return {
    async createOperation({ org, operationId, verb, filter, dryRun, reason, graceMs, actor, request }) {
      const call = [request?.requestId ?? null, request?.bodyHash ?? null];
      const order = [verb, JSON.stringify(filter), dryRun, reason, graceMs, actor];
      const values = [org, operationId, ...order, ...call, MAX_OPEN_OPERATIONS];
      const write = () => db.write<CreatedRow>(CREATE_OPERATION, values);
      // Two calls of one request id at once: whoever is second finds the operation of the first.
      const [row] = await write().catch((error: unknown) => {
        if (isPassingConflict(error)) return write();
        throw error;
      });
      return row ? { kind: row.kind, operation: decode(row) } : { kind: 'TOO_MANY' };
    },
    async getOperation(org, operationId) {
      const [row] = await db.read<Row>(GET_OPERATION, [org, operationId]);
      return row ? decode(row) : null;
    },
    async listOperations(org, onlyOpen, beforeId, limit) {
      const statement = onlyOpen ? LIST_OPEN_OPERATIONS_OF_ORG : LIST_OPERATIONS;
      return (await db.read<Row>(statement, [org, beforeId ?? ABOVE_ALL, limit])).map(decode);
    },
    async listOpenOperations(after, limit) {
      const values = [after?.org ?? '', after?.operationId ?? BELOW_ALL, limit];
      return (await db.read<Row>(LIST_OPEN_OPERATIONS, values)).map(decode);
    },
    async advanceOperation(org, operationId, progress) {
      const { state, cursor, total, done, skipped, failed, stateCounts, kindCounts, error } = progress;
      const counts = [total, done, skipped, failed, JSON.stringify(stateCounts), JSON.stringify(kindCounts)];
      const values = [org, operationId, state, !isOver(state), cursor, ...counts, error];
      const [row] = await db.write<Row>(ADVANCE_OPERATION, values);
      return row ? decode(row) : null;
    },
    async cancelOperation(org, operationId) {
      const [row] = await db.write<Row>(CANCEL_OPERATION, [org, operationId]);
      return row ? decode(row) : null;
    },
    async forgetOperations(olderThanMs) {
      await db.write(FORGET_OPERATIONS, [olderThanMs, MAX_FORGOTTEN]);
    },
  };
}

function decode(row: Row): Operation {
  return {
    org: row.org,
    operationId: row.id,
    verb: row.verb,
    filter: { ...EVERY_TASK, ...row.filter },
    dryRun: row.dry_run,
    reason: row.reason,
    graceMs: row.grace_ms,
    actor: row.actor,
    state: row.state,
    cursor: row.cursor,
    total: row.total,
    done: row.done,
    skipped: row.skipped,
    failed: row.failed,
    stateCounts: row.state_counts,
    kindCounts: row.kind_counts,
    error: row.error,
    createTime: row.create_time,
    updateTime: row.update_time,
    endTime: row.end_time,
  };
}
