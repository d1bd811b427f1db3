/** What one who asks for the leadership is told. */
export type Leading =
  /** The holder leads. `epoch` rises with each change of holder. */
  | { readonly kind: 'HELD'; readonly epoch: number }
  /** Somebody else does, for so long if it does not renew. */
  | { readonly kind: 'TAKEN'; readonly holder: string; readonly remainingMs: number };

/** Who leads the background services that are to run once. What it answers is committed. */
export interface Leadership {
  /**
   * Takes the leadership if nobody has it, or keeps it: for `ttlMs` from a moment between this
   * call and its answer. Who gets no answer, or too late, does not lead.
   */
  hold(holder: string, ttlMs: number): Promise<Leading>;
  /** Gives it back, so that the next one takes over at once. Nothing, if somebody else has it. */
  giveBack(holder: string): Promise<void>;
}

/** For who is alone: it leads from the first moment on. */
export const ALWAYS_LEADER: Leadership = {
  hold: async () => ({ kind: 'HELD', epoch: 1 }),
  giveBack: async () => undefined,
};
