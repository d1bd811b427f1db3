import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Reply, WorkerInput } from './messages.js';
import { newProgress, type Progress } from './progress.js';

/** A thread that evaluates; what it runs may end it at any time. */
export interface Thread {
  readonly progress: Progress;
  /** The reply comes by `onReply`. */
  send(request: string): void;
  /** Processor time that it has used, in ms; `null` where the system does not tell. */
  cpuMs(): number | null;
  /** Ends it at once, whatever it does; `onEnd` is called. */
  end(): void;
}

export interface ThreadEvents {
  onReady(): void;
  onReply(reply: string): void;
  /** Once, when it is gone; `outOfMemory`: because it had used up its memory. */
  onEnd(ended: { readonly outOfMemory: boolean; readonly error: string }): void;
}

/** In MiB. Sizes are bounded besides, see `bounds.ts`. */
const MEMORY = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 };

export function startThread({ onReady, onReply, onEnd }: ThreadEvents): Thread {
  const shared = newProgress();
  const worker = new Worker(new URL('./cel-worker.js', import.meta.url), {
    name: 'policies',
    workerData: { progress: shared } satisfies WorkerInput,
    resourceLimits: MEMORY,
    // It has no business with either.
    env: {},
    stdout: true,
    stderr: true,
  });
  worker.stdout.resume();
  worker.stderr.resume();
  worker.unref();
  let threadId = 0;
  let error = '';
  let outOfMemory = false;
  worker.on('message', (reply: Reply) => {
    if (typeof reply === 'string') {
      onReply(reply);
      return;
    }
    threadId = reply.ready;
    onReady();
  });
  worker.on('error', (cause: NodeJS.ErrnoException) => {
    error = cause.message;
    outOfMemory = cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
  });
  worker.once('exit', () => onEnd({ outOfMemory, error }));
  return {
    progress: new Int32Array(shared),
    send: (request) => worker.postMessage(request),
    cpuMs: () => (threadId === 0 ? null : cpuMsOf(threadId)),
    end: () => void worker.terminate(),
  };
}

/** The first figure of schedstat: ns on a processor. */
function cpuMsOf(threadId: number): number | null {
  try {
    const [ns] = readFileSync(`/proc/self/task/${threadId}/schedstat`, 'latin1').split(' ');
    return Number(ns) / 1_000_000;
  } catch {
    return null;
  }
}
