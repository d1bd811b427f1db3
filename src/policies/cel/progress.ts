/**
 * What a thread is at, for whoever watches it from outside: a thread that runs away answers no message.
 * 0: nothing; else the item of the message from 1, times two, and one more while it compiles.
 */
export type Progress = Int32Array;

export function newProgress(): SharedArrayBuffer {
  return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
}

export const IDLE = 0;

export function markOf(item: number, compiling: boolean): number {
  return 2 * (item + 1) + (compiling ? 1 : 0);
}

export function itemOf(mark: number): { readonly item: number; readonly compiling: boolean } {
  return { item: (mark >> 1) - 1, compiling: (mark & 1) === 1 };
}
