import type { DocumentDigest } from './document.js';
import { contentWordsOf } from './keywords.js';

export interface Answer {
  readonly answer: string;
  /** Best first, at most five. */
  readonly documents: readonly { readonly path: string; readonly title: string }[];
  readonly digested: number;
}

// Words of the question itself, not of what it asks for.
const ASKING = /^(documents?|files?|pages?|speaks?|speaking|talks?|mentions?|tells?|says?|many|list|find)$/;

/** Answers by the titles, keywords and summaries of what has been digested so far; rare words count more. */
export function answer(question: string, digests: readonly DocumentDigest[]): Answer {
  const terms = [...new Set(contentWordsOf(question).filter((word) => !ASKING.test(word)))];
  const bags = digests.map((digest) => ({ digest, words: bagOf(digest) }));
  const weights = terms.map((term) => {
    const having = bags.filter(({ words }) => words.has(term)).length;
    return Math.log(1 + digests.length / (having + 1));
  });
  const found = bags
    .map(({ digest, words }) => ({
      digest,
      score: terms.reduce((sum, term, i) => sum + (words.get(term) ?? 0) * (weights[i] ?? 0), 0),
    }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.digest.path < b.digest.path ? -1 : 1));
  const documents = found.slice(0, 5).map(({ digest }) => ({ path: digest.path, title: digest.title }));
  return {
    answer: sentenceFor(terms, found.length, digests.length, documents),
    documents,
    digested: digests.length,
  };
}

function bagOf(digest: DocumentDigest): Map<string, number> {
  const bag = new Map<string, number>();
  const add = (words: readonly string[], by: number) => {
    for (const word of words) bag.set(word, (bag.get(word) ?? 0) + by);
  };
  add(contentWordsOf(digest.title), 3);
  digest.keywords.forEach((word, place) => {
    add([word], 3 - place / 4);
  });
  for (const sentence of digest.summary) add(contentWordsOf(sentence), 1);
  return bag;
}

function sentenceFor(terms: readonly string[], found: number, of: number, best: Answer['documents']): string {
  if (terms.length === 0) return 'The question names nothing to look for.';
  const about = terms.map((term) => `“${term}”`).join(', ');
  if (found === 0) {
    return of === 1
      ? `The one document digested so far does not speak about ${about}.`
      : `None of the ${of} documents digested so far speaks about ${about}.`;
  }
  const names = best
    .slice(0, 3)
    .map(({ path }) => path)
    .join(', ');
  if (of === 1) return `The one document digested so far speaks about ${about}: ${names}.`;
  return `${found} of the ${of} documents digested so far ${found === 1 ? 'speaks' : 'speak'} about ${about}; first of all ${names}.`;
}
