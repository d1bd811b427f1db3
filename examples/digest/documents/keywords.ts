import { eng } from 'stopword';
import { wordsOf } from './split-text.js';

// English function words that the library's list does not have.
const MORE = (
  "according again against already although always any away become cannot doesn't don't does done during each " +
  "either else even ever every few first following follows further given gives goes here however instead isn't " +
  "it's its itself just last later least less let many may more must neither new next none nor not nothing once " +
  'one other others own per rather see several shall so something than thus two unless until upon use used uses ' +
  'using via what when whether whose why will within without yet can e.g i.e'
).split(' ');
const STOPWORDS = new Set([...eng, ...MORE]);

/** The words of a sentence that carry meaning, in lower case. */
export function contentWordsOf(sentence: string): string[] {
  return wordsOf(sentence).filter(
    (word) => !STOPWORDS.has(word) && /^\p{L}[\p{L}\p{N}_-]{2,29}$/u.test(word),
  );
}

/** The words a document is about, best first: how often they stand in it, in headings threefold. */
export function keywordsOf(
  sentences: readonly (readonly string[])[],
  headings: readonly string[],
  count: number,
): string[] {
  const weight = new Map<string, number>();
  const add = (words: readonly string[], by: number) => {
    for (const word of words) weight.set(word, (weight.get(word) ?? 0) + by);
  };
  for (const words of sentences) add(words, 1);
  for (const heading of headings) add(contentWordsOf(heading), 3);
  return [...weight]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, count)
    .map(([word]) => word);
}
