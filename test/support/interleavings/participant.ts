import pg from 'pg';
import type { Database, Statement } from '../../../src/postgres/database.js';
import { encodeValues } from '../../../src/postgres/drivers/encode-values.js';
import { typeParsers } from '../../../src/postgres/drivers/type-parsers.js';
import { isPassingConflict } from '../../../src/postgres/sql-errors.js';

/** A verb of the record on a database, as one item: `undefined`, as group commit has it: try it again. */
export type Verb = (db: Database) => Promise<unknown>;

/** How a verb ended: with its outcome; or it met a lock or a conflict, and group commit repeats it. */
export type Ended = { readonly outcome: unknown } | 'again';

/** What a participant does next: its snapshot is taken, its rows are locked and changed, it commits. */
export const STEPS = ['snapshot', 'go', 'commit'] as const;

/** One connection of its own, whose statement goes on when it is told to. */
export interface Participant {
  /** The next of the three steps; `false`: it waits for a lock of another one, and takes none. */
  step(verb: Verb): Promise<boolean>;
  /** Which step is next. */
  readonly next: (typeof STEPS)[number];
  /** How the verb ended, once it has committed. */
  ended(): Promise<Ended>;
  /** Resolves when its statement is through. */
  through(): Promise<void>;
}

/** Opens connections and the gates that keep their statements waiting. */
export interface Gatekeeper {
  readonly participants: readonly Participant[];
  close(): Promise<void>;
}

const UNNEST = 'unnest($1::text[]';
const AT_GATE = 'at the gate';

export async function openParticipants(url: string, reads: Database, count: number): Promise<Gatekeeper> {
  const keeper = await connect(url);
  const clients = await Promise.all(Array.from({ length: count }, () => connect(url)));
  const participants = await Promise.all(
    clients.map(async (client) => openParticipant({ client, keeper, pid: await pidOf(client), reads })),
  );
  return {
    participants,
    async close() {
      await Promise.all([...clients, keeper].map((client) => client.end()));
    },
  };
}

interface Parts {
  readonly client: pg.Client;
  readonly keeper: pg.Client;
  readonly pid: number;
  readonly reads: Database;
}

interface Write {
  readonly statement: Statement;
  readonly values: readonly unknown[];
  readonly resolve: (rows: never[]) => void;
  readonly reject: (error: unknown) => void;
}

async function openParticipant({ client, keeper, pid, reads }: Parts): Promise<Participant> {
  let next: (typeof STEPS)[number] = 'snapshot';
  let write: Write | undefined;
  let verbEnds: Promise<Ended> | undefined;
  let statementEnds: Promise<void> = Promise.resolve();
  /** What its statement has given. */
  let given: { readonly rows: never[] } | { readonly error: Error } | undefined;
  let atGate = false;
  /** Whether it has said that it waits for a row. */
  let waits = false;
  let happened = () => {};
  client.on('notice', ({ message = '' }) => {
    if (message === AT_GATE) atGate = true;
    else if (message.includes('still waiting') && !message.includes('advisory')) waits = true;
    happened();
  });
  const nextEvent = () =>
    new Promise<void>((resolve) => {
      happened = resolve;
    });

  const gate = (deed: 'lock' | 'unlock') =>
    keeper.query({ name: deed, text: `SELECT pg_advisory_${deed}($1)`, values: [pid] });
  async function isBlocked(): Promise<boolean> {
    const query = { name: 'blockers', text: 'SELECT pg_blocking_pids($1) AS pids', values: [pid] };
    return (await keeper.query(query)).rows[0].pids.length > 0;
  }
  const db: Database = {
    ...reads,
    write: (statement, values) =>
      new Promise((resolve, reject) => {
        write = { statement, values, resolve, reject };
      }),
  };
  await gate('lock');

  async function snapshot(verb: Verb) {
    [given, atGate, waits] = [undefined, false, false];
    verbEnds = verb(db).then(
      (outcome): Ended => (outcome === undefined ? 'again' : { outcome }),
      // What the store refuses is an outcome to report.
      (error: Error & { detail?: string }): Ended =>
        isPassingConflict(error)
          ? 'again'
          : { outcome: { kind: 'ERROR', message: `${error.message}: ${error.detail}` } },
    );
    if (!write) throw new Error('the verb did not begin with its statement');
    const { statement, values } = write;
    await client.query('BEGIN');
    const text = gated(statement.text, pid);
    statementEnds = client
      .query({ name: statement.name, text, values: encodeValues(values) })
      .then(
        ({ rows }) => {
          given = { rows: rows as never[] };
        },
        (error: Error) => {
          given = { error };
        },
      )
      .then(() => happened());
    while (!atGate && !given) await nextEvent();
    if (given) throw new Error(`${statement.name} has no gate: ${JSON.stringify(given)}`);
  }

  /** Whether its statement is through, or else it waits for a row that another has locked. */
  async function isThrough(): Promise<boolean> {
    while (!given) {
      if (!waits) await nextEvent();
      else if (await isBlocked()) return given !== undefined;
      else waits = false;
    }
    return true;
  }

  async function commit() {
    if (!write || !given) throw new Error('nothing to commit');
    const { resolve, reject } = write;
    write = undefined;
    // The gate shuts as soon as the transaction has left it.
    await Promise.all([client.query('error' in given ? 'ROLLBACK' : 'COMMIT'), gate('lock')]);
    if ('error' in given) reject(given.error);
    else resolve(given.rows);
    await verbEnds;
  }

  return {
    get next() {
      return next;
    },
    async step(verb) {
      if (next === 'snapshot') {
        await snapshot(verb);
        next = 'go';
      } else if (next === 'go') {
        await gate('unlock');
        next = 'commit';
        await isThrough();
      } else {
        if (!(await isThrough())) return false;
        await commit();
        next = 'snapshot';
      }
      return true;
    },
    async ended() {
      if (!verbEnds) throw new Error('it has not begun');
      return verbEnds;
    },
    through: () => statementEnds,
  };
}

/**
 * The statement with a gate where it reads what it was given: by then it has its snapshot, and
 * has locked nothing. The keys of gates are the pids of those who wait at them.
 */
function gated(text: string, pid: number): string {
  if (!text.includes(UNNEST)) throw new Error('the statement does not read its items first');
  return text.replace(UNNEST, `unnest((SELECT $1::text[] FROM pg_temp.gate(${pid}))`);
}

/** Says that it is at the gate, and waits until that is open. */
const GATE = `
  CREATE FUNCTION pg_temp.gate(key bigint) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    RAISE NOTICE '${AT_GATE}';
    PERFORM pg_advisory_xact_lock_shared(key);
  END $$`;

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    types: typeParsers,
    // A deadlock is found at once, and who waits for a lock says so to its client.
    options:
      '-c datestyle=ISO -c deadlock_timeout=5ms -c log_lock_waits=on -c client_min_messages=log -c jit=off -c plan_cache_mode=force_generic_plan',
  });
  await client.connect();
  await client.query(GATE);
  return client;
}

async function pidOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
  return rows[0].pid;
}
