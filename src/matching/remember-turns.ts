import type { Turn } from '../domain/selection/strategy.js';

/** Undoes what a strategy notes from here on. Only one keeps notes: for the others there is nothing to do. */
export function rememberTurns(turns: Map<string, Turn>): () => void {
  const before = [...turns].map(([sessionId, { earned }]) => [sessionId, earned] as const);
  return () => {
    turns.clear();
    for (const [sessionId, earned] of before) turns.set(sessionId, { earned });
  };
}
