/** Time. The core never asks the machine itself, so that a simulation can run it. */
export interface Clock {
  /** Wall time, ms since the epoch. */
  now(): number;
  /** Monotonic time in ms, from an arbitrary start. */
  monotonic(): number;
  /** Calls `fn` once after `ms`; the returned function cancels it. Never keeps the process alive. */
  after(ms: number, fn: () => void): () => void;
}
