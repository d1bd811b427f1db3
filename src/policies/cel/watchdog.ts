import type { Clock } from '../../ports/clock.js';
import { IDLE, itemOf } from './progress.js';
import type { Thread } from './thread.js';

/** How often a busy thread is looked at, in ms. */
const LOOK_MS = 10;
/** How long compiling may take, in ms: a schema of 64 KiB needs some. */
export const COMPILE_MS = 1_000;
/** How long a thread may be about a message without being at any item: it loads code, or reads the message. */
const PREPARE_MS = 10_000;
/** On a machine that gives the thread no processor time, an item is still ended after so many deadlines … */
const PATIENCE = 20;
/** … but not sooner than after this, in ms. */
const LEAST_PATIENCE_MS = 2_000;

/** What is wrong with a thread: the item that it does not come back from (-1: from none), and why. */
export interface Runaway {
  readonly item: number;
  readonly message: string;
  /** Since it was first seen at that item. */
  readonly tookMs: number;
}

/**
 * Looks at a thread from outside until told to stop, and tells once that an item has run over its deadline.
 * What counts is the processor time of the thread since the item was first seen, so that a busy machine does
 * not make a good policy a bad one; where that cannot be read, the time that passes.
 */
export function watch(
  clock: Clock,
  thread: Thread,
  deadlineOf: (item: number) => number,
  onRunaway: (runaway: Runaway) => void,
): () => void {
  let seen = IDLE;
  let since = clock.monotonic();
  let cpuSince: number | null = null;
  let cancel = clock.after(LOOK_MS, look);

  function look(): void {
    const found = check();
    if (found) onRunaway(found);
    else cancel = clock.after(LOOK_MS, look);
  }

  function check(): Runaway | undefined {
    const mark = Atomics.load(thread.progress, 0);
    const now = clock.monotonic();
    if (mark !== seen) {
      seen = mark;
      since = now;
      cpuSince = null;
      return undefined;
    }
    if (mark === IDLE) {
      return now - since < PREPARE_MS
        ? undefined
        : { item: -1, message: 'the thread does not answer', tookMs: now - since };
    }
    const { item, compiling } = itemOf(mark);
    const limit = compiling ? COMPILE_MS : deadlineOf(item);
    const passed = now - since;
    // Its processor time is asked for only once something takes long.
    if (cpuSince === null) {
      cpuSince = thread.cpuMs();
      if (cpuSince !== null) return undefined;
    }
    const used = cpuSince === null ? passed : (thread.cpuMs() ?? 0) - cpuSince + LOOK_MS;
    if (used < limit && passed < Math.max(LEAST_PATIENCE_MS, PATIENCE * limit)) return undefined;
    const message = `it ran for more than ${limit} ms${compiling ? ' while it was compiled' : ''}`;
    return { item, message, tookMs: passed };
  }

  return () => cancel();
}
