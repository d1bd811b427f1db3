import type { Payload } from './task.js';

/** Bytes of one. */
export const MAX_CHECKPOINT_BYTES = 64 * 1024;

/** What an attempt left for the next one to go on from. */
export interface Checkpoint {
  readonly payload: Payload;
  /** Of the claim that left it. */
  readonly epoch: number;
  readonly attempt: number;
  /** ms since the epoch. */
  readonly updateTime: number;
}
