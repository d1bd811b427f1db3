import type { Operation, OperationOrder, OperationProgress } from '../domain/operations/operation.js';

export interface NewOperation extends OperationOrder {
  readonly org: string;
  readonly operationId: string;
  readonly actor: string;
  /** Names the call. `null`: a repeat is another operation. */
  readonly request: { readonly requestId: string; readonly bodyHash: Uint8Array } | null;
}

export type CreateOutcome =
  | { readonly kind: 'CREATED'; readonly operation: Operation }
  /** The request id was seen before with the same body: that operation, as it is now. */
  | { readonly kind: 'ALREADY_CREATED'; readonly operation: Operation }
  /** The request id was seen before with another body. */
  | { readonly kind: 'REQUEST_ID_REUSED'; readonly operation: Operation }
  /** So many of the organisation have not ended that it may begin no other. */
  | { readonly kind: 'TOO_MANY' };

/** Operations of an organisation that have not ended, at most. */
export const MAX_OPEN_OPERATIONS = 100;

/** The record of operations. What it answers is committed. */
export interface OperationRecord {
  /** COUNTING, its cursor at its own id. */
  createOperation(operation: NewOperation): Promise<CreateOutcome>;
  /** `null` where the org has none of that id. */
  getOperation(org: string, operationId: string): Promise<Operation | null>;
  /** Newest first, only ids below `beforeId` (`null`: from the newest), at most `limit`. */
  listOperations(
    org: string,
    onlyOpen: boolean,
    beforeId: string | null,
    limit: number,
  ): Promise<readonly Operation[]>;
  /** Those of all orgs that have not ended, by (org, id) after `after`, at most `limit`. */
  listOpenOperations(
    after: { readonly org: string; readonly operationId: string } | null,
    limit: number,
  ): Promise<readonly Operation[]>;
  /** Stores how far it is. One that has ended keeps its state and gets only the counts. */
  advanceOperation(org: string, operationId: string, progress: OperationProgress): Promise<Operation | null>;
  /** Open → CANCELLED; one that has ended stays as it is. `null` where the org has none of that id. */
  cancelOperation(org: string, operationId: string): Promise<Operation | null>;
  /** Forgets operations that ended more than `olderThanMs` ago; at most 10,000. */
  forgetOperations(olderThanMs: number): Promise<void>;
}
