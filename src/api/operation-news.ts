import { isOver, type Operation } from '../domain/operations/operation.js';

/** Tells those who wait that an operation has ended. */
export interface OperationNews {
  /** To be told of every operation that came further. */
  readonly told: (operation: Operation) => void;
  /** Calls `listener` once the operation is known to have ended; gives a function that takes it back. */
  onOver(operationId: string, listener: () => void): () => void;
  /** How often who waits looks in the record as well, in ms; `null`: nothing ends but is told of here. */
  readonly lookEveryMs: number | null;
}

/** @param lookEveryMs with other coordinators, of whose operations nobody is told here */
export function createOperationNews(lookEveryMs: number | null = null): OperationNews {
  const listeners = new Map<string, Set<() => void>>();
  return {
    lookEveryMs,
    told({ operationId, state }) {
      if (!isOver(state)) return;
      for (const listener of listeners.get(operationId) ?? []) listener();
    },
    onOver(operationId, listener) {
      const ofOne = listeners.get(operationId) ?? new Set();
      listeners.set(operationId, ofOne.add(listener));
      return () => {
        ofOne.delete(listener);
        if (ofOne.size === 0) listeners.delete(operationId);
      };
    },
  };
}
