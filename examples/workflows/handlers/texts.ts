/** Words in lower case: letters, with apostrophes and hyphens within. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/\p{L}+(?:['’-]\p{L}+)*/gu) ?? [];
}

/** Sentences with their line breaks taken out. */
export function sentencesOf(text: string): string[] {
  return text
    .replace(/\s+/g, ' ')
    .split(/(?<=[.!?])\s+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
}

/** How often each word occurs that says something: those of five letters or more. */
export function frequencies(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) if (word.length >= 5) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** The most frequent first; of equals in the order of the alphabet. */
export function mostFrequent(counts: ReadonlyMap<string, number>, most: number) {
  const sorted = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return sorted.slice(0, most).map(([word, count]) => ({ word, count }));
}
