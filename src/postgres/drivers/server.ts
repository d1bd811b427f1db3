import pg from 'pg';
import { unavailable } from '../../domain/errors.js';
import type { Log } from '../../ports/log.js';
import type { Connection, Database } from '../database.js';
import { toDomainError } from './server-errors.js';
import { createSession, type Session } from './session.js';
import { typeParsers } from './type-parsers.js';

export interface ServerOptions {
  /** `postgres://user:password@host:port/database`, with `sslmode` and the like as libpq has them. */
  readonly url: string;
  readonly log: Log;
  /** Connections for what writes; default 6. Group commit sends one batch of a verb at a time. */
  readonly writers?: number;
  /** Connections for what only reads; default 4. */
  readonly readers?: number;
  /** How long a connection may take to open, and a call may wait for one, in ms; default 5,000. */
  readonly connectTimeoutMs?: number;
  /** How long a statement may take before the server ends it, in ms; default 15,000. Migrations are not bound by it. */
  readonly statementTimeoutMs?: number;
  /**
   * Whether statements are prepared once on each connection; default true. False for a pooler that
   * gives every transaction another connection: then nothing is left on one, and the server's own
   * settings hold (the time limit is kept on this side).
   */
  readonly prepare?: boolean;
}

/** How much later than the server we give up on a statement ourselves, in ms: it may have stopped answering. */
const ANSWER_LATE_MS = 2_000;
/** How soon a connection on which nothing is said is asked whether it is still there, in ms. */
const KEEP_ALIVE_MS = 10_000;

/**
 * What a role or a database may have set otherwise: what the parsers go by, and plans that do not depend on
 * statistics, which are behind while tables grow, nor on how large a table was when a statement was prepared.
 */
export const SESSION_OPTIONS = [
  'datestyle=ISO',
  'bytea_output=hex',
  'default_transaction_isolation=read\\ committed',
  'jit=off',
  'plan_cache_mode=force_generic_plan',
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

/**
 * A Postgres server, 15 or later, reached by two pools, so that reads never keep writes waiting.
 * Connections open when they are needed, are replaced when they break, and statements are
 * prepared once on each. Nothing is sent twice by itself: a call that rejects while a statement was
 * under way may have happened.
 *
 * Calls reject with UNAVAILABLE while the server is away or too slow, RESOURCE_EXHAUSTED while
 * its disk is full. `close` lets the calls before it finish.
 */
export function openServer(options: ServerOptions): Database {
  const { log, writers = 6, readers = 4, statementTimeoutMs = 15_000, prepare = true } = options;
  const writing = createPool(options, writers, statementTimeoutMs);
  const reading = createPool(options, readers, statementTimeoutMs);
  const own = createPool(options, 1, 0);
  const pools = [writing, reading, own];
  // A broken connection: the pool opens another when it is needed, and who used it is told by its own call.
  const broke = (error: Error) => log.debug({ err: error }, 'a connection to Postgres broke');
  for (const pool of pools) pool.on('error', broke).on('connect', (client) => client.on('error', broke));
  /** Those that wait for a connection too: a pool that ends forgets them. */
  const calls = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  function using<T>(pool: pg.Pool, work: (session: Session) => Promise<T>): Promise<T> {
    if (closing) return Promise.reject(unavailable('DATABASE_CLOSED', 'the database is closed'));
    const call = withClient(pool, work);
    calls.add(call);
    const done = () => calls.delete(call);
    call.then(done, done);
    return call;
  }

  async function withClient<T>(pool: pg.Pool, work: (session: Session) => Promise<T>): Promise<T> {
    let client: pg.PoolClient | undefined;
    let broken = false;
    try {
      client = await pool.connect();
      return await work(createSession(client, prepare));
    } catch (error) {
      const known = toDomainError(error);
      broken = known !== error;
      throw known;
    } finally {
      client?.release(broken);
    }
  }

  const run =
    (pool: pg.Pool): Connection['run'] =>
    (statement, values) =>
      using(pool, (session) => session.run(statement, values));

  return {
    write: run(writing),
    read: run(reading),
    transaction: (work) => using(writing, (session) => session.transaction(work)),
    exec: (sql) => using(own, (session) => session.exec(sql)),
    close() {
      closing ??= Promise.allSettled(calls).then(async () => {
        await Promise.all(pools.map((pool) => pool.end()));
      });
      return closing;
    },
  };
}

function createPool(
  { url, connectTimeoutMs = 5_000, prepare = true }: ServerOptions,
  max: number,
  timeoutMs: number,
): pg.Pool {
  return new pg.Pool({
    connectionString: asLibpq(url),
    application_name: 'reeve',
    types: typeParsers,
    max,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    ...(prepare && { options: SESSION_OPTIONS, statement_timeout: timeoutMs }),
    ...(timeoutMs > 0 && { query_timeout: timeoutMs + (prepare ? ANSWER_LATE_MS : 0) }),
  });
}

/** Lets `pg` take `sslmode` as libpq does. */
function asLibpq(url: string): string {
  return /[?&]sslmode=/.test(url) && !url.includes('uselibpqcompat=') ? `${url}&uselibpqcompat=true` : url;
}
