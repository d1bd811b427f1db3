import { unavailable } from '../../domain/errors.js';

/** So many writes may overtake a waiting read; then one read goes. */
const WRITES_PER_READ = 8;

/**
 * The order on a single connection: one job at a time, writes before reads, each in the
 * order they came, and no read waits for more than `WRITES_PER_READ` writes.
 */
export interface Lanes {
  write<T>(job: () => Promise<T>): Promise<T>;
  read<T>(job: () => Promise<T>): Promise<T>;
  /** Takes no more jobs; resolves when those it has are done. */
  drain(): Promise<void>;
}

export interface LanesOptions {
  /** Called when work begins and when there is none left. */
  readonly onBusy?: (busy: boolean) => void;
}

export function createLanes({ onBusy }: LanesOptions = {}): Lanes {
  const writes = createQueue();
  const reads = createQueue();
  let writesInARow = 0;
  let running = false;
  let draining = false;
  let onIdle: (() => void) | undefined;

  const next = () => {
    const readsTurn = writesInARow >= WRITES_PER_READ && reads.size() > 0;
    const write = readsTurn ? undefined : writes.shift();
    if (write) {
      writesInARow = reads.size() > 0 ? writesInARow + 1 : 0;
      return write;
    }
    writesInARow = 0;
    return reads.shift();
  };

  const pump = () => {
    const job = next();
    if (job) {
      job().finally(pump);
      return;
    }
    running = false;
    onBusy?.(false);
    onIdle?.();
  };

  const submit = <T>(queue: Queue, job: () => Promise<T>): Promise<T> => {
    if (draining) return Promise.reject(unavailable('DATABASE_CLOSED', 'the database is closed'));
    return new Promise<T>((resolve, reject) => {
      queue.push(() => job().then(resolve, reject));
      if (running) return;
      running = true;
      onBusy?.(true);
      pump();
    });
  };

  return {
    write: (job) => submit(writes, job),
    read: (job) => submit(reads, job),
    drain() {
      draining = true;
      return new Promise<void>((resolve) => {
        if (running) onIdle = resolve;
        else resolve();
      });
    },
  };
}

type Job = () => Promise<void>;
type Queue = ReturnType<typeof createQueue>;

/** First in, first out, without moving the rest on every `shift`. */
function createQueue() {
  let jobs: (Job | undefined)[] = [];
  let head = 0;
  return {
    size: () => jobs.length - head,
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
