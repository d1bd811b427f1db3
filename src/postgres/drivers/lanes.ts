import { unavailable } from '../../domain/errors.js';

/** So many writes may overtake a waiting read; then one read goes. */
const WRITES_PER_READ = 8;

/**
 * The order on a single connection: writes before reads, each in the order they came, and no
 * read waits for more than `WRITES_PER_READ` writes. A few go at once, the next one sent
 * while the database still works on the last; a job that needs the connection for itself has it.
 */
export interface Lanes {
  write<T>(job: () => Promise<T>): Promise<T>;
  read<T>(job: () => Promise<T>): Promise<T>;
  /** A write that nothing else may come between. */
  alone<T>(job: () => Promise<T>): Promise<T>;
  /** Takes no more jobs; resolves when those it has are done. */
  drain(): Promise<void>;
}

export interface LanesOptions {
  /** How many go at once; default 4. */
  readonly depth?: number;
  /** Called when work begins and when there is none left. */
  readonly onBusy?: (busy: boolean) => void;
}

interface Job {
  readonly alone: boolean;
  readonly run: () => Promise<void>;
}

export function createLanes({ depth = 4, onBusy }: LanesOptions = {}): Lanes {
  const writes = createQueue();
  const reads = createQueue();
  let writesInARow = 0;
  let running = 0;
  /** The job that has the connection for itself. */
  let alone = false;
  let draining = false;
  let onIdle: (() => void) | undefined;

  /** The next one, if it may go now. */
  const next = (): Job | undefined => {
    if (alone || running >= depth) return undefined;
    const readsTurn = reads.size() > 0 && (writesInARow >= WRITES_PER_READ || writes.size() === 0);
    const queue = readsTurn ? reads : writes;
    if (queue.peek()?.alone && running > 0) return undefined;
    writesInARow = readsTurn || reads.size() === 0 ? 0 : writesInARow + 1;
    return queue.shift();
  };

  const pump = () => {
    for (let job = next(); job; job = next()) {
      running += 1;
      alone = job.alone;
      job.run().finally(done);
    }
  };

  const done = () => {
    running -= 1;
    alone = false;
    pump();
    if (running > 0) return;
    onBusy?.(false);
    onIdle?.();
  };

  const submit = <T>(queue: Queue, job: () => Promise<T>, alone = false): Promise<T> => {
    if (draining) return Promise.reject(unavailable('DATABASE_CLOSED', 'the database is closed'));
    return new Promise<T>((resolve, reject) => {
      queue.push({ alone, run: () => job().then(resolve, reject) });
      if (running === 0) onBusy?.(true);
      pump();
    });
  };

  return {
    write: (job) => submit(writes, job),
    read: (job) => submit(reads, job),
    alone: (job) => submit(writes, job, true),
    drain() {
      draining = true;
      return new Promise<void>((resolve) => {
        if (running > 0) onIdle = resolve;
        else resolve();
      });
    },
  };
}

type Queue = ReturnType<typeof createQueue>;

/** First in, first out, without moving the rest on every `shift`. */
function createQueue() {
  let jobs: (Job | undefined)[] = [];
  let head = 0;
  return {
    size: () => jobs.length - head,
    peek: () => jobs[head],
    push(job: Job) {
      jobs.push(job);
    },
    shift(): Job | undefined {
      if (head === jobs.length) return undefined;
      const job = jobs[head];
      jobs[head++] = undefined;
      if (head === jobs.length || head > 1_024) {
        jobs = jobs.slice(head);
        head = 0;
      }
      return job;
    },
  };
}
