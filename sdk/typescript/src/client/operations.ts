import { randomUUID } from 'node:crypto';
import { durationFromMs, timestampDate } from '@bufbuild/protobuf/wkt';
import { CoordinatorService } from '../gen/reeve/v1/coordinator_service_pb.js';
import type { Operation } from '../gen/reeve/v1/operation_pb.js';
import { type OperationState, type OperationVerb, operationStateName, operationVerbName } from '../names.js';
import { ReeveError } from '../transport/errors.js';
import { dateOf } from '../views.js';
import type { Call } from './call.js';
import { listPages } from './pages.js';
import { filterInfo, filterMessage, type TaskFilter } from './task-filter.js';

/** Something that is done to many tasks, step by step, by the coordinator itself. */
export interface OperationInfo {
  readonly operationId: string;
  readonly verb: OperationVerb;
  readonly state: OperationState;
  /** Of the tasks that were submitted before `createTime`. */
  readonly filter: TaskFilter;
  /** It only counts. */
  readonly dryRun: boolean;
  /** Tasks that were chosen; final once it is not COUNTING. */
  readonly totalCount: number;
  readonly doneCount: number;
  /** In another state when their turn came. */
  readonly skippedCount: number;
  /** Refused by the record. */
  readonly failedCount: number;
  /** Of the total, by state. */
  readonly stateCounts: Readonly<Record<string, number>>;
  /** Of the total, by kind; only in a dry run, at most 100 kinds. */
  readonly kindCounts: Readonly<Record<string, number>>;
  readonly reason: string;
  /** Who asked for it. */
  readonly actor: string;
  readonly createTime: Date;
  readonly updateTime: Date;
  readonly endTime?: Date;
  /** With FAILED: why, for people; else empty. */
  readonly error: string;
}

export interface BulkOptions {
  /** Only count; nothing is changed. Default false. */
  readonly dryRun?: boolean;
  /** Why, for the trails of the tasks. */
  readonly reason?: string;
}

export interface BulkCancelOptions extends BulkOptions {
  /** How long agents have to stop before their leases are revoked, in ms. Default 5,000. */
  readonly graceMs?: number;
}

export interface OperationQuery {
  /** Only those that have not ended. Default false. */
  readonly onlyOpen?: boolean;
  /** At most this many; 0 is all of them. Default 0. */
  readonly limit?: number;
}

export interface OperationWaitOptions {
  /** Gives up the wait, which then rejects with the signal's reason. The operation goes on. */
  readonly signal?: AbortSignal;
  /** Told every half second of how far it is. */
  readonly onProgress?: (operation: OperationInfo) => void;
}

/** Operations on many tasks, as `client.operations`. Every method throws `ReeveError`. */
export interface OperationsClient {
  /**
   * Cancels every task that the filter chooses and that was submitted before now. Answers at
   * once; the coordinator goes on by itself, through restarts too.
   */
  cancelTasks(filter: TaskFilter, options?: BulkCancelOptions): Promise<OperationInfo>;
  /** Begins the attempts anew of every ended task that the filter chooses and that can be retried. */
  retryTasks(filter: TaskFilter, options?: BulkOptions): Promise<OperationInfo>;
  /** NOT_FOUND if the organisation has none of that id. */
  get(operationId: string): Promise<OperationInfo>;
  /** Newest first. */
  list(query?: OperationQuery): AsyncIterable<OperationInfo>;
  /** Waits until it has ended, however it did. */
  wait(operationId: string, options?: OperationWaitOptions): Promise<OperationInfo>;
  /** Ends it early; what was done stays done. FAILED_PRECONDITION (OPERATION_ENDED) if it has ended otherwise. */
  cancel(operationId: string): Promise<OperationInfo>;
}

const { method } = CoordinatorService;
/** How long one call waits: less than a call may take. */
const WAIT_MS = 5_000;
const PROGRESS_MS = 500;

export function createOperationsClient(call: Call): OperationsClient {
  return {
    cancelTasks: async (filter, { dryRun = false, reason = '', graceMs } = {}) => {
      const grace = graceMs === undefined ? {} : { grace: durationFromMs(graceMs) };
      const request = { filter: filterMessage(filter), dryRun, reason, ...grace, requestId: randomUUID() };
      return operationInfo((await call(method.batchCancelTasks, request)).operation);
    },
    retryTasks: async (filter, { dryRun = false, reason = '' } = {}) => {
      const request = { filter: filterMessage(filter), dryRun, reason, requestId: randomUUID() };
      return operationInfo((await call(method.batchRetryTasks, request)).operation);
    },
    get: async (operationId) => operationInfo((await call(method.getOperation, { operationId })).operation),
    list: ({ onlyOpen = false, limit } = {}) =>
      listPages(limit, async (page) => {
        const { operations, nextPageToken } = await call(method.listOperations, { ...page, onlyOpen });
        return { items: operations.map(operationInfo), nextPageToken };
      }),
    async wait(operationId, { signal, onProgress } = {}) {
      const maxWait = durationFromMs(onProgress ? PROGRESS_MS : WAIT_MS);
      for (;;) {
        signal?.throwIfAborted();
        const { operation, ended } = await call(method.waitOperation, { operationId, maxWait });
        const info = operationInfo(operation);
        onProgress?.(info);
        if (ended) return info;
      }
    },
    cancel: async (operationId) =>
      operationInfo((await call(method.cancelOperation, { operationId })).operation),
  };
}

export function operationInfo(operation: Operation | undefined): OperationInfo {
  if (!operation) {
    throw new ReeveError('the coordinator answered without the operation', { code: 'INTERNAL' });
  }
  return {
    operationId: operation.operationId,
    verb: operationVerbName(operation.verb),
    state: operationStateName(operation.state),
    filter: filterInfo(operation.filter),
    dryRun: operation.dryRun,
    totalCount: Number(operation.totalCount),
    doneCount: Number(operation.doneCount),
    skippedCount: Number(operation.skippedCount),
    failedCount: Number(operation.failedCount),
    stateCounts: counts(operation.stateCounts),
    kindCounts: counts(operation.kindCounts),
    reason: operation.reason,
    actor: operation.actorSubjectId,
    createTime: dateOf(operation.createTime),
    updateTime: dateOf(operation.updateTime),
    ...(operation.endTime && { endTime: timestampDate(operation.endTime) }),
    error: operation.errorMessage,
  };
}

function counts(byName: Readonly<Record<string, bigint>>): Record<string, number> {
  return Object.fromEntries(Object.entries(byName).map(([name, count]) => [name, Number(count)]));
}
