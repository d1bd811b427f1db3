import { Numbered } from './numbered.js';
import type { Operation } from './operations.js';

type Cell = string | number | boolean;

/** Operations of a kind that follow each other. */
export interface Run {
  readonly op: RowOperation;
  /** How many cells a row has. */
  readonly width: number;
  /** It looks at the tasks that rows begin with. */
  readonly reads: boolean;
  /** What rows have in common; they name it by its place, from 1. */
  readonly of: readonly (readonly string[])[];
  /** The cells of all rows, one after another, as the script takes them. */
  readonly rows: readonly Cell[];
}

type RowOperation =
  | 'add'
  | 'remove'
  | 'confirm'
  | 'release'
  | 'attempts'
  | 'free'
  | 'grant'
  | 'hint'
  | 'dropHint'
  | 'watch'
  | 'unwatch'
  | 'running'
  | 'started';
type Row<O extends Operation['op']> = Pick<Run, 'width' | 'reads'> & { readonly toCells: ToCells<O> };
type ByName = { readonly [O in Operation as O['op']]: O };
type Shared = Numbered<readonly string[]>;
type ToCells<O extends Operation['op']> = (rows: Cell[], operation: ByName[O], of: Shared) => void;

const add: ToCells<'add'> = (rows, { id, l, p, c, s, t, k, cause, f = '' }, of) => {
  const at = of.of(cause + l + p, () => [l + p, t, k, cause]);
  rows.push(id, at, c, s, f);
};

/** A reservation is called by the life of the index and its number in it. */
const confirm: ToCells<'confirm'> = (rows, { id, rid, sid, e, s, use }, of) => {
  const end = rid.lastIndexOf('-');
  const life = rid.slice(0, end);
  const at = of.of(`${sid} ${life} ${use}`, () => [sid, life, use]);
  rows.push(id, at, rid.slice(end + 1), e, s);
};

const running: ToCells<'running'> = (rows, { id, t, k, agent, use, e, s }, of) => {
  rows.push(
    id,
    of.of(`${t} ${k} ${agent} ${use}`, () => [t, k, agent, use]),
    ...[e, s],
  );
};

const attempts: ToCells<'attempts'> = (rows, { ends, at = '' }, of) => {
  for (const [id, outcome] of ends)
    rows.push(
      id,
      of.of(`${outcome} ${at}`, () => [outcome, String(at)]),
    );
};

/** Those of which a step has many: a row costs the script a fraction of what an object does. */
const ROWS: { readonly [O in RowOperation]: Row<O> } = {
  add: { width: 5, reads: true, toCells: add },
  remove: { width: 2, reads: true, toCells: (rows, { id, s }) => rows.push(id, s) },
  confirm: { width: 5, reads: true, toCells: confirm },
  release: { width: 3, reads: true, toCells: (rows, { id, rid, requeue }) => rows.push(id, rid, requeue) },
  attempts: { width: 2, reads: true, toCells: attempts },
  free: { width: 3, reads: true, toCells: (rows, { id, e, sid = '' }) => rows.push(id, e, sid) },
  grant: {
    width: 3,
    reads: false,
    toCells: (rows, { sid, total, request }) => rows.push(sid, total, request),
  },
  hint: { width: 4, reads: false, toCells: (rows, { id, e, due, loaded }) => rows.push(id, e, due, loaded) },
  dropHint: { width: 2, reads: false, toCells: (rows, { id, e }) => rows.push(id, e) },
  watch: { width: 3, reads: false, toCells: (rows, { id, s, due }) => rows.push(id, s, due) },
  unwatch: { width: 2, reads: false, toCells: (rows, { id, s }) => rows.push(id, s) },
  running: { width: 4, reads: true, toCells: running },
  started: {
    width: 3,
    reads: false,
    toCells: (rows, { limit, name, time }) => rows.push(limit, name, time),
  },
};

/**
 * What the messages of agents bring about, in the order in which a stretch of it may as well be told: a claim before
 * its end, an end before its slot is freed, and nothing else of it depends on the rest. Where there are many agents
 * each message tells of few tasks, and a run of one row costs as much as dozens of rows.
 */
const OF_MESSAGES = [
  'confirm',
  'attempts',
  'free',
  'dropHint',
  'unwatch',
  'grant',
] as const satisfies Operation['op'][];

function gathered(operations: readonly Operation[]): readonly Operation[] {
  const all: Operation[] = [];
  const stretch = new Map<string, Operation[]>(OF_MESSAGES.map((op) => [op, []]));
  const end = () => {
    for (const kind of stretch.values()) if (kind.length > 0) all.push(...kind.splice(0));
  };
  let isIn = false;
  for (const operation of operations) {
    const ofKind = stretch.get(operation.op);
    if (ofKind) ofKind.push(operation);
    else if (isIn) end();
    isIn = ofKind !== undefined;
    if (!ofKind) all.push(operation);
  }
  end();
  return all;
}

/** What a step is asked to do, in an order that comes to the same, as the script reads it. */
export function toRuns(operations: readonly Operation[]): readonly (Run | Operation)[] {
  const runs: (Run | Operation)[] = [];
  let op: string | undefined;
  let of: Shared = new Numbered();
  let rows: Cell[] = [];
  for (const operation of gathered(operations)) {
    const row = ROWS[operation.op as RowOperation] as Row<Operation['op']> | undefined;
    if (!row) {
      runs.push(operation);
      op = undefined;
      continue;
    }
    if (operation.op !== op) {
      op = operation.op;
      of = new Numbered();
      rows = [];
      const { width, reads } = row;
      runs.push({ op: op as RowOperation, width, reads, of: of.all, rows });
    }
    row.toCells(rows, operation, of);
  }
  return runs;
}
