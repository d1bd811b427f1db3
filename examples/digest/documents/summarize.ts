/** A sentence and the words of it that carry meaning. */
export interface Sentence {
  readonly text: string;
  readonly words: readonly string[];
}

const DAMPING = 0.85;
const ROUNDS = 30;

/**
 * The sentences that say most of what the others say (TextRank: sentences vote for those
 * they share words with, and votes of much-voted sentences count more), in the order of
 * the document. Time grows with the square of their number.
 */
export function summarize(sentences: readonly Sentence[], count: number): string[] {
  const candidates = sentences.filter(({ text, words }) => words.length >= 4 && text.length <= 400);
  const from = candidates.length > 0 ? candidates : sentences.filter(({ words }) => words.length > 0);
  const rank = ranksOf(from.map(({ words }) => new Set(words)));
  return from
    .map((sentence, index) => ({ sentence, index, rank: (rank[index] ?? 0) * (index < 3 ? 1.2 : 1) }))
    .sort((a, b) => b.rank - a.rank || a.index - b.index)
    .filter(({ sentence }, place, all) => all.findIndex((o) => o.sentence.text === sentence.text) === place)
    .slice(0, count)
    .sort((a, b) => a.index - b.index)
    .map(({ sentence }) => sentence.text);
}

function ranksOf(bags: readonly ReadonlySet<string>[]): number[] {
  const size = bags.length;
  const edges: { to: number; weight: number }[][] = bags.map(() => []);
  const sums = new Array<number>(size).fill(0);
  for (let a = 0; a < size; a++) {
    for (let b = a + 1; b < size; b++) {
      const weight = likeness(bags[a] as ReadonlySet<string>, bags[b] as ReadonlySet<string>);
      if (weight === 0) continue;
      edges[a]?.push({ to: b, weight });
      edges[b]?.push({ to: a, weight });
      sums[a] = (sums[a] ?? 0) + weight;
      sums[b] = (sums[b] ?? 0) + weight;
    }
  }
  let rank = new Array<number>(size).fill(1);
  for (let round = 0; round < ROUNDS; round++) {
    const next = new Array<number>(size).fill(1 - DAMPING);
    for (let a = 0; a < size; a++) {
      for (const { to, weight } of edges[a] ?? []) {
        next[to] = (next[to] ?? 0) + (DAMPING * weight * (rank[a] ?? 0)) / (sums[a] ?? 1);
      }
    }
    const moved = next.reduce((most, value, i) => Math.max(most, Math.abs(value - (rank[i] ?? 0))), 0);
    rank = next;
    if (moved < 1e-4) break;
  }
  return rank;
}

function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const word of a) if (b.has(word)) shared++;
  return shared === 0 ? 0 : shared / (Math.log(a.size + 1) + Math.log(b.size + 1));
}
