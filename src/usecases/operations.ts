import type { Principal } from '../domain/access/principal.js';
import { ReeveError } from '../domain/errors.js';
import {
  heldPart,
  isOver,
  type Operation,
  type OperationOrder,
  operationNotFound,
} from '../domain/operations/operation.js';
import { MAX_OPEN_OPERATIONS, type NewOperation, type OperationRecord } from '../ports/operation-record.js';
import type { Ports } from './ports.js';

/** What operations need of the world. */
export interface OperationPorts {
  readonly ports: Pick<Ports, 'index' | 'ids'>;
  readonly operations: OperationRecord;
  /** Told of an operation that has just begun, or come further. */
  readonly onOperation: (operation: Operation) => void;
}

const HOLD = 'operation ';

/** Name in the index of what an operation holds. */
export function holdName(operationId: string): string {
  return `${HOLD}${operationId}`;
}

/** Which operation holds what has this name; `null`: none, it is a pause. */
export function operationOf(name: string): string | null {
  return name.startsWith(HOLD) ? name.slice(HOLD.length) : null;
}

/**
 * Accepts an operation; it runs by itself from here on. The part of the queue that it clears
 * is held before it is in the record, so nothing of it is claimed once this has answered.
 *
 * @throws ALREADY_EXISTS (REQUEST_ID_REUSED), RESOURCE_EXHAUSTED (TOO_MANY_OPERATIONS)
 */
export const beginOperation =
  ({ ports, operations, onOperation }: OperationPorts) =>
  async (
    { org, subject: actor }: Principal,
    order: OperationOrder,
    request: NewOperation['request'],
  ): Promise<Operation> => {
    const operationId = ports.ids.taskId();
    const part = heldPart(order);
    if (part) await ports.index.hold(org, part, holdName(operationId));
    let created = false;
    try {
      const outcome = await operations.createOperation({ ...order, org, operationId, actor, request });
      if (outcome.kind === 'TOO_MANY') throw tooMany();
      if (outcome.kind === 'REQUEST_ID_REUSED') throw reused(request?.requestId ?? '', outcome.operation);
      created = outcome.kind === 'CREATED';
      if (created) onOperation(outcome.operation);
      return outcome.operation;
    } finally {
      if (part && !created) await ports.index.unhold(org, holdName(operationId));
    }
  };

/**
 * Ends an operation early. Idempotent.
 *
 * @throws NOT_FOUND, FAILED_PRECONDITION (OPERATION_ENDED)
 */
export const cancelOperation =
  ({ ports, operations, onOperation }: OperationPorts) =>
  async ({ org }: Principal, operationId: string): Promise<Operation> => {
    const operation = await operations.cancelOperation(org, operationId);
    if (!operation) throw operationNotFound(operationId);
    if (operation.state !== 'CANCELLED') {
      const message = `operation ${operationId} has ended: it is ${operation.state}`;
      throw new ReeveError('FAILED_PRECONDITION', 'OPERATION_ENDED', message, {
        metadata: { operation_id: operationId, state: operation.state },
      });
    }
    await ports.index.unhold(org, holdName(operationId));
    onOperation(operation);
    return operation;
  };

const PAGE = 1_000;

/** Every operation of every organisation that has not ended. */
export async function openOperations(operations: OperationRecord): Promise<readonly Operation[]> {
  const found: Operation[] = [];
  for (let after: Operation | null = null; ; ) {
    const page: readonly Operation[] = await operations.listOpenOperations(after, PAGE);
    found.push(...page.filter(({ state }) => !isOver(state)));
    after = page.at(-1) ?? null;
    if (after === null || page.length < PAGE) return found;
  }
}

function tooMany(): ReeveError {
  const message = `${MAX_OPEN_OPERATIONS} operations have not ended: wait for one, or cancel one`;
  return new ReeveError('RESOURCE_EXHAUSTED', 'TOO_MANY_OPERATIONS', message, { retryAfterMs: 5_000 });
}

function reused(requestId: string, { operationId }: Operation): ReeveError {
  const message = `request id ${requestId} was used before for another operation, ${operationId}`;
  const metadata = { request_id: requestId, operation_id: operationId };
  return new ReeveError('ALREADY_EXISTS', 'REQUEST_ID_REUSED', message, { metadata });
}
