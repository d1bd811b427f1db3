import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** A paragraph of a text. */
export interface Passage {
  readonly file: string;
  readonly text: string;
}

export interface Found extends Passage {
  /** How much it has to do with what was asked; more than 0. */
  readonly score: number;
}

/** The paragraphs of all `.txt` files of a folder. */
export async function readPassages(folder: string): Promise<readonly Passage[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.txt')).sort();
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  return texts.flatMap((text, i) => {
    const paragraphs = text.split(/\n\s*\n/).map((paragraph) => paragraph.replace(/\s+/g, ' ').trim());
    return paragraphs.filter((one) => one !== '').map((one) => ({ file: files[i] ?? '', text: one }));
  });
}

/**
 * Searches passages by the words of a question: each counts for the share that it has of the passage, and the more the
 * fewer passages have it (tf–idf).
 */
export function createSearch(passages: readonly Passage[]): (text: string, most: number) => readonly Found[] {
  const counted = passages.map(({ text }) => countsOf(wordsOf(text)));
  const passagesWith = new Map<string, number>();
  for (const { counts } of counted) {
    for (const word of counts.keys()) passagesWith.set(word, (passagesWith.get(word) ?? 0) + 1);
  }
  const weightOf = (word: string) => Math.log(1 + passages.length / (passagesWith.get(word) ?? 1));

  return (text, most) => {
    const asked = [...new Set(wordsOf(text))];
    const found = passages.map((passage, i): Found => {
      const { counts, total } = counted[i] ?? { counts: new Map<string, number>(), total: 0 };
      const shares = asked.map((word) => ((counts.get(word) ?? 0) / Math.max(total, 1)) * weightOf(word));
      return { ...passage, score: shares.reduce((sum, share) => sum + share, 0) };
    });
    return found
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score)
      .slice(0, most);
  };
}

/** Of three letters or more, in lower case. */
function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[a-z]{3,}/g) ?? [];
}

function countsOf(words: readonly string[]) {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return { counts, total: words.length };
}
