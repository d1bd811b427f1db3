import { createHash } from 'node:crypto';
import type { CoordinatorService } from '@reeve/sdk/protocol';
import type { Principal } from '../../domain/access/principal.js';
import { unavailable } from '../../domain/errors.js';
import {
  isOver,
  type Operation,
  type OperationOrder,
  operationNotFound,
  statesFor,
} from '../../domain/operations/operation.js';
import { EVERY_TASK, type TaskFilter } from '../../domain/tasks/task-filter.js';
import { beginOperation, cancelOperation } from '../../usecases/operations.js';
import type { Call, Handlers } from '../call.js';
import { linkSignals } from '../link-signals.js';
import { toProtoOperation } from '../mapping/operation.js';
import { toDomainPart } from '../mapping/queue.js';
import { toDomainFilter } from '../mapping/task-filter.js';
import { msOf } from '../mapping/time.js';
import { CURSORS, cursorOf, pageTokenOf } from '../page-token.js';
import type { Context } from './context.js';

const MAX_WAIT_MS = 20_000;

type Names =
  | 'clearQueue'
  | 'batchCancelTasks'
  | 'batchRetryTasks'
  | 'getOperation'
  | 'listOperations'
  | 'waitOperation'
  | 'cancelOperation';

export function operationHandlers({
  ports,
  bulk,
  closing,
}: Context): Pick<Handlers<typeof CoordinatorService>, Names> {
  const { operations, news } = bulk;
  const begin = beginOperation({ ports, ...bulk });
  const cancel = cancelOperation({ ports, ...bulk });

  async function begun(principal: Principal, order: OperationOrder, requestId: string) {
    const request = requestId === '' ? null : { requestId, bodyHash: hashOf(order) };
    return { operation: toProtoOperation(await begin(principal, order, request)) };
  }

  async function read(org: string, operationId: string): Promise<Operation> {
    const operation = await operations.getOperation(org, operationId);
    if (!operation) throw operationNotFound(operationId);
    return operation;
  }

  return {
    clearQueue(principal, { part, includeDelayed, dryRun, reason, requestId }) {
      const { tier, kind } = toDomainPart(part, 'part');
      const filter: TaskFilter = {
        ...EVERY_TASK,
        states: includeDelayed ? ['QUEUED', 'SCHEDULED'] : ['QUEUED'],
        tiers: tier === null ? [] : [tier],
        kinds: kind === null ? [] : [kind],
      };
      return begun(principal, { verb: 'CLEAR_QUEUE', filter, dryRun, reason, graceMs: null }, requestId);
    },

    async batchCancelTasks(principal, { filter, dryRun, reason, grace, requestId }) {
      const verb = 'CANCEL_TASKS';
      const chosen = withStates(verb, toDomainFilter(filter, 'filter'));
      return begun(principal, { verb, filter: chosen, dryRun, reason, graceMs: msOf(grace) }, requestId);
    },

    async batchRetryTasks(principal, { filter, dryRun, reason, requestId }) {
      const verb = 'RETRY_TASKS';
      const chosen = withStates(verb, toDomainFilter(filter, 'filter'));
      return begun(principal, { verb, filter: chosen, dryRun, reason, graceMs: null }, requestId);
    },

    async getOperation({ org }, { operationId }) {
      return { operation: toProtoOperation(await read(org, operationId.toLowerCase())) };
    },

    async listOperations({ org }, { pageSize, pageToken, onlyOpen }) {
      const question = ['ListOperations', org, onlyOpen];
      const limit = pageSize || 50;
      const page = await operations.listOperations(
        org,
        onlyOpen,
        cursorOf(question, pageToken, CURSORS.ID),
        limit,
      );
      const last = page.at(-1);
      return {
        operations: page.filter(isListed).map(toProtoOperation),
        nextPageToken: page.length === limit && last ? pageTokenOf(question, last.operationId) : '',
      };
    },

    async waitOperation({ org }, { operationId, maxWait }, call) {
      const id = operationId.toLowerCase();
      const over = new AbortController();
      const stopNews = news.onOver(id, () => over.abort());
      try {
        const until = ports.clock.monotonic() + (msOf(maxWait) ?? MAX_WAIT_MS);
        const { lookEveryMs } = news;
        while (!isOver((await read(org, id)).state)) {
          const leftMs = until - ports.clock.monotonic();
          if (leftMs <= 0 || over.signal.aborted || closing.aborted || call.signal.aborted) break;
          await untilAny(over.signal, Math.min(leftMs, lookEveryMs ?? leftMs), call);
        }
      } finally {
        stopNews();
      }
      if (closing.aborted && !over.signal.aborted && !call.signal.aborted) {
        throw unavailable('SHUTTING_DOWN', 'the server is shutting down; ask again');
      }
      const operation = await read(org, id);
      return { operation: toProtoOperation(operation), ended: isOver(operation.state) };
    },

    async cancelOperation(principal, { operationId }) {
      return { operation: toProtoOperation(await cancel(principal, operationId.toLowerCase())) };
    },
  };

  /** Until it is over, time is up, or nobody is there any more. */
  async function untilAny(over: AbortSignal, maxWaitMs: number, call: Call): Promise<void> {
    const timeUp = new AbortController();
    const stopTimer = ports.clock.after(maxWaitMs, () => timeUp.abort());
    const linked = linkSignals([over, timeUp.signal, closing, call.signal]);
    try {
      if (linked.signal.aborted) return;
      await new Promise<void>((resolve) => linked.signal.addEventListener('abort', () => resolve()));
    } finally {
      stopTimer();
      linked.release();
    }
  }
}

/** A dry run is of no interest once it has counted. */
function isListed({ dryRun, state }: Operation): boolean {
  return !dryRun || !isOver(state);
}

function withStates(verb: 'CANCEL_TASKS' | 'RETRY_TASKS', filter: TaskFilter): TaskFilter {
  return { ...filter, states: statesFor(verb, filter.states, 'filter.states') };
}

/** Filters that choose the same have the same form, so this tells whether two calls ask the same. */
function hashOf(order: OperationOrder): Uint8Array {
  return createHash('sha256').update(JSON.stringify(order)).digest();
}
