import { Duplex } from 'node:stream';
import type { Worker } from 'node:worker_threads';
import type { WorkerReply, WorkerRequest } from './pglite-worker.js';

/**
 * The socket that `pg` believes it has: what it writes goes to the worker, what the worker
 * answers can be read. `pg` writes whole protocol messages and corks those of one statement,
 * so every chunk that is posted holds whole statements.
 */
export class WorkerStream extends Duplex {
  readonly #worker: Worker;

  constructor(worker: Worker) {
    super();
    this.#worker = worker;
    worker.on('message', (reply: WorkerReply) => {
      if (reply instanceof Uint8Array)
        this.push(Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength));
    });
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#post([chunk]);
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#post(chunks.map(({ chunk }) => chunk));
    done();
  }

  /** Copies once, into memory that then belongs to the worker. */
  #post(chunks: readonly Buffer[]): void {
    const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let offset = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, offset);
      offset += chunk.length;
    }
    this.#worker.postMessage(bytes satisfies WorkerRequest, [bytes.buffer]);
  }

  connect(): this {
    process.nextTick(() => this.emit('connect'));
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
