import type { Operation, OperationProgress } from './operation.js';

/** A task that was chosen. */
export interface Chosen {
  readonly taskId: string;
  readonly state: string;
  readonly kind: string;
}

/** Tasks of one slice of an organisation's, and where the next begins; `null`: that was the last. */
export interface Slice {
  readonly chosen: readonly Chosen[];
  readonly beforeId: string | null;
}

/** What became of one task. */
export type Turn = 'DONE' | 'SKIPPED' | 'FAILED';

const MAX_KINDS = 100;

/** After a slice was counted: the next one is due, or the tasks' turn from the beginning, or in a dry run the end. */
export function counted(operation: Operation, { chosen, beforeId }: Slice): OperationProgress {
  const kindCounts = { ...operation.kindCounts };
  const stateCounts = { ...operation.stateCounts };
  for (const { state, kind } of chosen) {
    stateCounts[state] = (stateCounts[state] ?? 0) + 1;
    if (!operation.dryRun) continue;
    if (Object.hasOwn(kindCounts, kind)) kindCounts[kind] = (kindCounts[kind] ?? 0) + 1;
    else if (Object.keys(kindCounts).length < MAX_KINDS) define(kindCounts, kind, 1);
  }
  const total = operation.total + chosen.length;
  const after = operation.dryRun || total === 0 ? 'SUCCEEDED' : 'RUNNING';
  return {
    ...operation,
    total,
    stateCounts,
    kindCounts,
    state: beforeId === null ? after : 'COUNTING',
    cursor: beforeId ?? operation.operationId,
  };
}

/** After the tasks of a slice have had their turn. */
export function acted(operation: Operation, { beforeId }: Slice, turns: readonly Turn[]): OperationProgress {
  const count = (turn: Turn) => turns.filter((t) => t === turn).length;
  return {
    ...operation,
    done: operation.done + count('DONE'),
    skipped: operation.skipped + count('SKIPPED'),
    failed: operation.failed + count('FAILED'),
    state: beforeId === null ? 'SUCCEEDED' : 'RUNNING',
    cursor: beforeId ?? operation.cursor,
  };
}

/** A kind may be named like a property that every object has. */
function define(counts: Record<string, number>, kind: string, value: number): void {
  Object.defineProperty(counts, kind, { value, writable: true, enumerable: true, configurable: true });
}
