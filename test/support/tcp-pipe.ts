import type { Socket } from 'node:net';

/**
 * What becomes of the bytes of one direction: they pass, each so many ms late; wait until they
 * may; are taken and thrown away; or pass so many a second.
 */
export type Flow =
  | { readonly kind: 'pass' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'hold' }
  | { readonly kind: 'lose' }
  | { readonly kind: 'trickle'; readonly bytesPerSecond: number };

/** One direction of a connection. */
export interface Pipe {
  set(flow: Flow): void;
  /** How many bytes were thrown away. */
  lost(): number;
}

/** From here on the sender has to wait. */
const HIGH_WATER = 256 * 1024;
const TRICKLE_MS = 100;

/**
 * Carries what `from` says to `to`, in order, as the flow has it.
 *
 * @param takes asked of all that comes; what it takes is not carried
 */
export function createPipe(from: Socket, to: Socket, takes: (bytes: Buffer) => boolean = () => false): Pipe {
  let flow: Flow = { kind: 'pass' };
  let lost = 0;
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  let waiting = 0;
  const queue: { readonly at: number; bytes: Buffer }[] = [];

  from.on('data', (bytes: Buffer) => {
    if (takes(bytes)) return;
    if (flow.kind === 'lose') {
      lost += bytes.length;
      return;
    }
    queue.push({ at: performance.now() + (flow.kind === 'delay' ? flow.ms : 0), bytes });
    waiting += bytes.length;
    move();
    if (waiting > HIGH_WATER) from.pause();
  });
  from.on('end', () => {
    ended = true;
    move();
  });
  from.once('close', () => clearTimeout(timer));
  to.on('drain', move);
  from.resume();

  function move(): void {
    clearTimeout(timer);
    if (flow.kind === 'hold') return;
    if (flow.kind === 'trickle') {
      send(Math.max(1, Math.round((flow.bytesPerSecond * TRICKLE_MS) / 1_000)));
      if (queue.length > 0) timer = setTimeout(move, TRICKLE_MS);
      return;
    }
    const wait = send(Number.POSITIVE_INFINITY);
    if (wait > 0) timer = setTimeout(move, wait);
  }

  /** Sends what is due, at most so many bytes. How long to wait for the next, in ms; 0: none. */
  function send(most: number): number {
    let left = most;
    for (let head = queue[0]; head; head = queue[0]) {
      const wait = head.at - performance.now();
      if (wait > 0) return Math.ceil(wait);
      if (to.writableNeedDrain || left <= 0) return 0;
      const bytes = head.bytes.subarray(0, left);
      if (bytes.length === head.bytes.length) queue.shift();
      else head.bytes = head.bytes.subarray(left);
      left -= bytes.length;
      waiting -= bytes.length;
      if (to.writable) to.write(bytes);
    }
    if (from.isPaused() && waiting <= HIGH_WATER) from.resume();
    if (ended && !to.writableEnded) to.end();
    return 0;
  }

  return {
    set(given) {
      flow = given;
      if (flow.kind === 'lose' && queue.length > 0) {
        lost += waiting;
        waiting = 0;
        queue.splice(0);
        from.resume();
      }
      move();
    },
    lost: () => lost,
  };
}
