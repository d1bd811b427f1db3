import { Numbered } from './numbered.js';
import type { Operation } from './operations.js';

type Cell = string | number | boolean;

/** Operations of a kind that follow each other. */
export interface Run {
  readonly op: RowOperation;
  /** What rows have in common; they name it by its place, from 1. */
  readonly of: readonly (readonly string[])[];
  /** The cells of all rows, one after another, as the script takes them. */
  readonly rows: readonly Cell[];
}

type RowOperation = keyof typeof ROWS;
type ByName = { readonly [O in Operation as O['op']]: O };
type Shared = Numbered<readonly string[]>;
type ToCells<O extends Operation['op']> = (rows: Cell[], operation: ByName[O], of: Shared) => void;

const add: ToCells<'add'> = (rows, { id, l, c, s, t, k, cause, f = '' }, of) => {
  rows.push(
    id,
    of.of(cause + l, () => [l, t, k, cause]),
    c,
    s,
    f,
  );
};

/** A reservation is called by the life of the index and its number in it. */
const confirm: ToCells<'confirm'> = (rows, { id, rid, sid, e, s }, of) => {
  const end = rid.lastIndexOf('-');
  const life = rid.slice(0, end);
  rows.push(
    id,
    of.of(sid + life, () => [sid, life]),
    rid.slice(end + 1),
    e,
    s,
  );
};

/** Those of which a step has many: a row costs the script a fraction of what an object does. */
const ROWS = {
  add,
  remove: ((rows, { id, s }) => rows.push(id, s)) satisfies ToCells<'remove'>,
  confirm,
  release: ((rows, { id, rid, requeue }) => rows.push(id, rid, requeue)) satisfies ToCells<'release'>,
  attempts: ((rows, { ends }) => {
    for (const end of ends) rows.push(...end);
  }) satisfies ToCells<'attempts'>,
  free: ((rows, { id, e, sid = '' }) => rows.push(id, e, sid)) satisfies ToCells<'free'>,
  grant: ((rows, { sid, total, request }) => rows.push(sid, total, request)) satisfies ToCells<'grant'>,
  hint: ((rows, { id, e, due, loaded }) => rows.push(id, e, due, loaded)) satisfies ToCells<'hint'>,
  dropHint: ((rows, { id, e }) => rows.push(id, e)) satisfies ToCells<'dropHint'>,
  watch: ((rows, { id, s, due }) => rows.push(id, s, due)) satisfies ToCells<'watch'>,
  unwatch: ((rows, { id, s }) => rows.push(id, s)) satisfies ToCells<'unwatch'>,
};

/**
 * What the messages of agents bring about, in the order in which a stretch of it may as well be told: an end before
 * its slot is freed, and nothing else of it depends on the rest. Where there are many agents each message tells of
 * few tasks, and a run of one row costs as much as dozens of rows.
 */
const OF_MESSAGES = ['attempts', 'free', 'dropHint', 'unwatch', 'grant'] as const satisfies Operation['op'][];

function* gathered(operations: readonly Operation[]): Generator<Operation> {
  const stretch = new Map<string, Operation[]>(OF_MESSAGES.map((op) => [op, []]));
  for (const operation of operations) {
    const ofKind = stretch.get(operation.op);
    if (ofKind) {
      ofKind.push(operation);
      continue;
    }
    for (const kind of stretch.values()) yield* kind.splice(0);
    yield operation;
  }
  for (const kind of stretch.values()) yield* kind;
}

/** What a step is asked to do, in an order that comes to the same, as the script reads it. */
export function toRuns(operations: readonly Operation[]): readonly (Run | Operation)[] {
  const runs: (Run | Operation)[] = [];
  let op: string | undefined;
  let of: Shared = new Numbered();
  let rows: Cell[] = [];
  for (const operation of gathered(operations)) {
    const toCells = ROWS[operation.op as RowOperation] as ToCells<Operation['op']> | undefined;
    if (!toCells) {
      runs.push(operation);
      op = undefined;
      continue;
    }
    if (operation.op !== op) {
      op = operation.op;
      of = new Numbered();
      rows = [];
      runs.push({ op: op as RowOperation, of: of.all, rows });
    }
    toCells(rows, operation, of);
  }
  return runs;
}
