import type { Operation } from './operations.js';

type Cell = string | number | boolean;

/** Operations of a kind that follow each other, each a row of what the script takes in this order. */
export interface Run {
  readonly op: RowOperation;
  readonly rows: readonly (readonly Cell[])[];
}

type RowOperation =
  | 'add'
  | 'remove'
  | 'confirm'
  | 'release'
  | 'free'
  | 'hint'
  | 'dropHint'
  | 'watch'
  | 'unwatch';
type ByName = { readonly [O in Operation as O['op']]: O };

/** Those of which a step has many: a row costs the script half of what an object does. */
const ROWS: { readonly [O in RowOperation]: (operation: ByName[O]) => readonly Cell[] } = {
  add: ({ id, l, c, s, t, k, cause, f }) => [id, l, c, s, t, k, cause, ...(f === undefined ? [] : [f])],
  remove: ({ id, s }) => [id, s],
  confirm: ({ id, rid, sid, e, s }) => [id, rid, sid, e, s],
  release: ({ id, rid, requeue }) => [id, rid, requeue],
  free: ({ id, e, sid }) => (sid === undefined ? [id, e] : [id, e, sid]),
  hint: ({ id, e, due, loaded }) => [id, e, due, loaded],
  dropHint: ({ id, e }) => [id, e],
  watch: ({ id, s, due }) => [id, s, due],
  unwatch: ({ id, s }) => [id, s],
};

/** What a step is asked to do, in its order, as the script reads it. */
export function toRuns(operations: readonly Operation[]): readonly (Run | Operation)[] {
  const runs: (Run | Operation)[] = [];
  let op: string | undefined;
  let rows: (readonly Cell[])[] = [];
  for (const operation of operations) {
    const row = rowOf(operation);
    if (row === null) {
      runs.push(operation);
      op = undefined;
    } else {
      if (operation.op !== op) {
        op = operation.op;
        rows = [];
        runs.push({ op: op as RowOperation, rows });
      }
      rows.push(row);
    }
  }
  return runs;
}

function rowOf(operation: Operation): readonly Cell[] | null {
  const toRow = ROWS[operation.op as RowOperation] as ((operation: Operation) => readonly Cell[]) | undefined;
  return toRow ? toRow(operation) : null;
}
