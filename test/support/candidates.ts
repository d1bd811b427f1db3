import type { Candidate, Candidates } from '../../src/domain/selection/strategy.js';

/** Candidates that are sorted anew each time somebody asks. */
export function candidatesOf<C extends Candidate>(all: readonly C[]): Candidates<C> {
  return {
    [Symbol.iterator]: () => all[Symbol.iterator](),
    first: (order) => [...all].sort(order)[0] ?? null,
    second: (order) => [...all].sort(order)[1] ?? null,
  };
}
