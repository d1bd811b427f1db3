import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGLITE_SETTINGS } from './pglite-settings.js';
import { CURRENT_ENGINE, unpackTemplate } from './pglite-template.js';

/** What the thread is started with. */
export interface WorkerInput {
  readonly dir: string;
  /** The package that holds the PGlite to use. */
  readonly engine: string;
}

/** Protocol bytes to execute, or the word to shut down. */
export type WorkerRequest = Uint8Array | 'close';

/** Protocol bytes, or what became of the database. */
export type WorkerReply = Uint8Array | 'open' | { readonly fatal: string };

/** How Postgres's own error handling leaves the main loop; PGlite catches it and goes on. */
const LONGJMP_STATUS = 100;

/** The bytes that Postgres writes during one request, in one piece. */
function createReply() {
  let buffer = new Uint8Array(64 * 1_024);
  let length = 0;
  return {
    append(bytes: Uint8Array) {
      if (length + bytes.length > buffer.length) {
        const larger = new Uint8Array(2 * (length + bytes.length));
        larger.set(buffer.subarray(0, length));
        buffer = larger;
      }
      buffer.set(bytes, length);
      length += bytes.length;
    },
    take(): Uint8Array<ArrayBuffer> {
      const reply = buffer.slice(0, length);
      length = 0;
      return reply;
    },
  };
}

const port = parentPort;
if (!port) throw new Error('pglite-worker runs as a worker thread only');
const { dir, engine } = workerData as WorkerInput;

/** Ends the thread at once: a Postgres that has failed inside must not touch its files again. */
function die(error: unknown): never {
  const fatal = error instanceof Error ? error.message : String(error);
  port?.postMessage({ fatal } satisfies WorkerReply);
  process.exit(1);
}

/** A new database is made apart and then renamed: what was killed halfway is never opened. */
async function openDatabase() {
  const { PGlite } = (await import(engine)) as typeof import('@electric-sql/pglite');
  if (!existsSync(join(dir, 'PG_VERSION'))) {
    const partial = `${dir}.partial`;
    await rm(partial, { recursive: true, force: true });
    const unpacked = engine === CURRENT_ENGINE && (await unpackTemplate(partial));
    if (!unpacked) await (await PGlite.create(partial)).close();
    await rename(partial, dir);
  }
  const settings = Object.entries(PGLITE_SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return PGlite.create(dir, { startParams: [...PGlite.defaultStartParams, ...settings] });
}

const database = await openDatabase().catch(die);

// PGlite swallows whatever the main loop throws and calls it again: after a PANIC or a trap
// that would go on for ever, on memory that can't be trusted.
const module = database.Module as unknown as { _PostgresMainLoopOnce: () => void };
const mainLoopOnce = module._PostgresMainLoopOnce;
module._PostgresMainLoopOnce = () => {
  try {
    mainLoopOnce();
  } catch (error) {
    if ((error as { status?: unknown }).status !== LONGJMP_STATUS) die(error);
    throw error;
  }
};

const reply = createReply();
port.on('message', (request: WorkerRequest) => {
  if (request === 'close') {
    database.close().then(() => port.close(), die);
    return;
  }
  // All of the work is done when the call returns. The streaming variant, because the plain
  // one also parses every reply and keeps the result for ever.
  database
    .execProtocolRawStream(request, { syncToFs: false, onRawData: (bytes) => reply.append(bytes) })
    .catch(die);
  const bytes = reply.take();
  port.postMessage(bytes satisfies WorkerReply, [bytes.buffer]);
});
port.postMessage('open' satisfies WorkerReply);
