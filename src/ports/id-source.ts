/** Identifiers and randomness, as a port so that a seed can decide them. */
export interface IdSource {
  /** A UUIDv7; ids from one source rise strictly. */
  taskId(): string;
  /** A random UUIDv4. */
  uuid(): string;
  /** A number from 0 (inclusive) to 1 (exclusive). */
  random(): number;
}
