import { Worker } from 'node:worker_threads';
import pg from 'pg';
import { type ReeveError, unavailable } from '../../domain/errors.js';
import type { Log } from '../../ports/log.js';
import type { Database } from '../database.js';
import { createLanes } from './lanes.js';
import { CURRENT_ENGINE } from './pglite-template.js';
import type { WorkerInput, WorkerReply, WorkerRequest } from './pglite-worker.js';
import { createSession } from './session.js';
import { typeParsers } from './type-parsers.js';
import { WorkerStream } from './worker-stream.js';

export interface PgliteOptions {
  /** Holds the database's files; made if it isn't there, its parent must be. Nobody else may have it open. */
  readonly dir: string;
  readonly log: Log;
  /** Called once if the database ends by itself; every call rejects from then on. */
  readonly onLost?: (error: ReeveError) => void;
  /** The package that holds the PGlite to use; default the current one. */
  readonly engine?: string;
}

/** A statement that takes longer is named in the log: it held up everybody else. */
const SLOW_MS = 500;

/**
 * Opens an embedded Postgres in a thread of its own. It has one connection: writes and
 * transactions go before reads (see `lanes.ts`).
 *
 * What a call says `ok` to survives the death of the process at any moment; a power loss may
 * take the last commits, or the folder, for PGlite does not sync files to the disk. There is
 * no `statement_timeout` (its signal never arrives: measured), so a read must be bounded in
 * the rows it visits by its text.
 *
 * Rejects with UNAVAILABLE if the folder can't be opened; so does every call after `close` or
 * after the thread died. `close` lets the calls before it finish.
 */
export async function openPglite({ dir, log, onLost, engine }: PgliteOptions): Promise<Database> {
  const worker = new Worker(new URL('./pglite-worker.js', import.meta.url), {
    name: 'pglite',
    workerData: { dir, engine: engine ?? CURRENT_ENGINE } satisfies WorkerInput,
    stdout: true,
    stderr: true,
  });
  for (const output of [worker.stdout, worker.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => log.debug({ text: text.trim() }, 'pglite'));
  }
  const stream = new WorkerStream(worker);
  // The end of the stream reaches the calls that wait; as an unhandled event it would end the process.
  stream.on('error', () => {});
  const client = createClient(stream).on('error', () => {});
  let closing: Promise<void> | undefined;
  let lost: ReeveError | undefined;
  let cause = '';
  worker.on('error', (error) => {
    cause = `: ${error.message}`;
  });

  const exited = new Promise<void>((resolve) =>
    worker.once('exit', (code) => {
      if (!closing || code !== 0)
        lost = unavailable('DATABASE_LOST', `the database in ${dir} has ended${cause}`);
      stream.destroy(lost);
      resolve();
    }),
  );
  await new Promise<void>((resolve, reject) => {
    worker.on('message', (reply: WorkerReply) => {
      if (reply === 'open') resolve();
      else if (!(reply instanceof Uint8Array)) cause = `: ${reply.fatal}`;
    });
    void exited.then(() => reject(lost));
  });
  await client.connect();
  void exited.then(() => {
    if (!lost) return;
    log.error({ err: lost }, 'the embedded database has ended');
    onLost?.(lost);
  });

  const session = createSession(client);
  const guarded = async <T>(name: string | undefined, job: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    try {
      if (lost) throw lost;
      return await job();
    } catch (error) {
      throw lost ?? error;
    } finally {
      const ms = Math.round(performance.now() - start);
      if (name && ms > SLOW_MS) log.info({ statement: name, ms }, 'everything waited for a slow statement');
    }
  };
  const lanes = createLanes({
    // An open database alone does not keep the process alive, work in it does.
    onBusy: (busy) => (busy ? worker.ref() : worker.unref()),
  });
  worker.unref();

  return {
    write: (statement, values) =>
      lanes.write(() => guarded(statement.name, () => session.run(statement, values))),
    read: (statement, values) =>
      lanes.read(() => guarded(statement.name, () => session.run(statement, values))),
    transaction: (work) => lanes.alone(() => guarded('transaction', () => session.transaction(work))),
    exec: (sql) => lanes.alone(() => guarded(undefined, () => session.exec(sql))),
    close() {
      closing ??= lanes.drain().then(async () => {
        worker.ref();
        if (!lost) worker.postMessage('close' satisfies WorkerRequest);
        await exited;
      });
      return closing;
    },
  };
}

function createClient(stream: WorkerStream): pg.Client {
  return new pg.Client({
    stream: () => stream,
    types: typeParsers,
    // Statements are sent without waiting for the answer to the last; `lanes.ts` says how many.
    pipeline: true,
    // All of it named, because `pg` fills gaps from the PG* environment variables.
    user: 'postgres',
    database: 'postgres',
    host: 'localhost',
    port: 5432,
    ssl: false,
    application_name: 'reeve',
    options: ' ',
  });
}
