/** What the registry of sessions is told of one. */
export interface SessionEvents<S> {
  /** Hello was understood: an older session of the same process is to be ended now. */
  greeted(session: S): void;
  /** It was welcomed: one at another coordinator is to be ended now. */
  welcomed(session: S): void;
  closed(session: S): void;
}
