import type { TaskState } from '../../domain/tasks/task-state.js';
import type {
  ChangeLog,
  ChangePage,
  ChangeQuery,
  OldestWriter,
  PlacedChange,
} from '../../ports/change-log.js';
import type { Database, Statement } from '../database.js';
import { loadStatement } from '../statement.js';

/** Not prepared: a plan for the table as it once was, nearly empty, would read all of it. */
const READ_CHANGES: Statement = { ...loadStatement('./read-changes.sql', import.meta.url), name: '' };
const ADOPT_CHANGES = loadStatement('./adopt-changes.sql', import.meta.url);
const FIND_OLDEST_WRITER = loadStatement('./find-oldest-writer.sql', import.meta.url);
const FORGET_CHANGES = loadStatement('./forget-changes.sql', import.meta.url);
/** Or statistics of a table that was small have all of it read and sorted. */
const BY_INDEX: Statement = { name: 'forget-changes-by-index', text: 'SET LOCAL enable_seqscan = off' };

const ROWS = 100;
const FORGET_ROWS = 10_000;

interface Row {
  readonly safe: number;
  readonly begun: number;
  readonly oldest: number;
  readonly generation: string;
  /** `null`: there is no change. */
  readonly xid: number | null;
  readonly org: string;
  /** Parted by spaces, as many of each. */
  readonly task_ids: string;
  readonly seqs: string;
  readonly states: string;
}

interface WriterRow {
  readonly pid: number | null;
  readonly application_name: string | null;
  readonly role: string | null;
  readonly database: string | null;
  readonly state: string | null;
  readonly prepared: string | null;
  readonly age_ms: number | null;
}

/** The changes in Postgres, which `task_event`'s trigger notes, and each statement whose events stand elsewhere. Reads go to the primary. */
export function createChangeLog(db: Database): ChangeLog {
  return {
    readChanges: (query) => readChanges(db, query),
    findOldestWriter: () => findOldestWriter(db),
    forgetChanges: (olderThanMs) =>
      db.transaction(async (connection) => {
        await connection.run(BY_INDEX, []);
        await connection.run(FORGET_CHANGES, [olderThanMs, FORGET_ROWS]);
      }),
  };
}

/**
 * Sees to it that changes are noted, and that what there is of them is of this server: for a
 * coordinator that is not alone, before it serves. Costs next to nothing where all is well.
 */
export function adoptChanges(db: Database): Promise<void> {
  return db.exec(ADOPT_CHANGES.text);
}

/**
 * Stops noting changes, for a coordinator that is alone: it hears of what it commits, and need
 * not read it again. Holds until `adoptChanges`; its task record is opened with `notesChanges: false`.
 */
export function forgoChanges(db: Database): Promise<void> {
  return db.exec('ALTER TABLE task_event DISABLE TRIGGER task_change_noted');
}

async function readChanges(db: Database, { after, upTo, org }: ChangeQuery): Promise<ChangePage> {
  const values = [after === null ? null : `${after}`, upTo === null ? null : `${upTo}`, org, ROWS];
  const rows = await db.read<Row>(READ_CHANGES, values);
  const [first] = rows;
  if (!first) throw new Error('the record did not say how its changes stand');
  const { generation, oldest, safe, begun } = first;
  const end = Math.min(safe, upTo ?? safe);
  const last = rows.at(-1)?.xid ?? end;
  const changes = rows.flatMap(decode);
  return { generation, oldest, safe, begun, changes, upTo: rows.length < ROWS ? end : last };
}

function decode({ xid, org, task_ids, seqs, states }: Row): PlacedChange[] {
  if (xid === null || task_ids === '') return [];
  const seqOf = seqs.split(' ');
  const stateOf = states.split(' ') as TaskState[];
  return task_ids
    .split(' ')
    .map(
      (taskId, i) => [{ org, taskId, seq: Number(seqOf[i]), state: stateOf[i] as TaskState }, xid] as const,
    );
}

async function findOldestWriter(db: Database): Promise<OldestWriter | null> {
  const [row] = await db.read<WriterRow>(FIND_OLDEST_WRITER, []);
  if (!row) return null;
  const { pid, application_name, role, database, state, prepared, age_ms } = row;
  return { pid, application: application_name, role, database, state, prepared, ageMs: age_ms };
}
