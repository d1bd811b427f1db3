import type { Clock } from '../../ports/clock.js';

/** Calls `run` every `ms`, first when they have passed, until what is returned is called. */
export function every(clock: Pick<Clock, 'after'>, ms: number, run: () => void): () => void {
  let stop = () => {};
  const again = () => {
    stop = clock.after(ms, () => {
      // First, so that `run` may stop it.
      again();
      run();
    });
  };
  again();
  return () => stop();
}
