import type { Agent } from '@reeve/sdk';
import type { Shelf } from './shelf.js';
import { frequencies, mostFrequent, sentencesOf, wordsOf } from './texts.js';

interface Digest {
  readonly file: string;
  readonly words: number;
  readonly sentences: number;
  /** Of all words of five letters or more. */
  readonly counts: Readonly<Record<string, number>>;
  /** The sentence whose words are the most frequent ones, on the whole. */
  readonly key_sentence: string;
}

/** document-digest.yaml */
export function handleDigests(agent: Agent, shelf: Shelf): void {
  agent.handle('text.digest', async ({ folder, file }: { folder: string; file: string }): Promise<Digest> => {
    const text = await shelf.read(folder, file);
    const words = wordsOf(text);
    const counts = frequencies(words);
    const sentences = sentencesOf(text);
    const weights = sentences.map((sentence) => weightOf(sentence, counts));
    const heaviest = weights.indexOf(Math.max(...weights));
    return {
      file,
      words: words.length,
      sentences: sentences.length,
      counts: Object.fromEntries(counts),
      key_sentence: sentences[heaviest] ?? '',
    };
  });

  agent.handle('digest.merge', ({ digests }: { digests: readonly Digest[] }) => {
    const all = new Map<string, number>();
    for (const { counts } of digests) {
      for (const [word, count] of Object.entries(counts)) all.set(word, (all.get(word) ?? 0) + count);
    }
    return {
      documents: digests.length,
      words: digests.reduce((sum, { words }) => sum + words, 0),
      frequent: mostFrequent(all, 5),
      summary: digests.map(({ file, key_sentence }) => ({ file, key_sentence })),
    };
  });
}

function weightOf(sentence: string, counts: ReadonlyMap<string, number>): number {
  const words = wordsOf(sentence);
  return words.reduce((sum, word) => sum + (counts.get(word) ?? 0), 0) / Math.max(words.length, 1);
}
