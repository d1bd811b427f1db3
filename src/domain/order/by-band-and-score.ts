import type { Band } from '../tasks/source.js';

/** A task by its place in the order. */
export interface Scored {
  readonly taskId: string;
  readonly score: number;
}

export type Ranked = Scored & { readonly band: Band };

/** The lowest score first, ties by id. */
export const byScore = (a: Scored, b: Scored): number => a.score - b.score || (a.taskId < b.taskId ? -1 : 1);

/** All of HUMAN before all of OTHER: negative if `a` goes before `b`. */
export function byBand(a: Pick<Ranked, 'band'>, b: Pick<Ranked, 'band'>): number {
  if (a.band === b.band) return 0;
  return a.band === 'HUMAN' ? -1 : 1;
}

/** By band, then the lowest score: negative if `a` goes before `b`. */
export function byBandAndScore(a: Ranked, b: Ranked): number {
  return byBand(a, b) || byScore(a, b);
}
