import { expect, test } from 'vitest';
import { contentWordsOf, keywordsOf } from '../../examples/digest/documents/keywords.js';
import { sentencesOf, wordsOf } from '../../examples/digest/documents/split-text.js';
import { summarize } from '../../examples/digest/documents/summarize.js';

const TEXT =
  'Lamps guide ships into the harbour at night. Keepers light the lamps of the harbour every night. ' +
  'My uncle eats soup on cold Sundays with bread. Ships wait until keepers light the harbour lamps. ' +
  'Ships wait until keepers light the harbour lamps.';

const sentences = sentencesOf(TEXT).map((text) => ({ text, words: contentWordsOf(text) }));

test('a summary has the sentences that share most with the others, in their order and once each', () => {
  expect(summarize(sentences, 2)).toEqual([
    'Keepers light the lamps of the harbour every night.',
    'Ships wait until keepers light the harbour lamps.',
  ]);
  expect(summarize(sentences, 10)).toHaveLength(4);
});

test('a document without a full sentence is summed up by what there is, an empty one by nothing', () => {
  expect(summarize([{ text: 'Lamps only', words: ['lamps'] }], 3)).toEqual(['Lamps only']);
  expect(summarize([], 3)).toEqual([]);
});

test('keywords are the most frequent words with a meaning, those of headings first', () => {
  const words = sentences.map((sentence) => sentence.words);
  expect(keywordsOf(words, [], 3)).toEqual(['harbour', 'lamps', 'keepers']);
  expect(keywordsOf(words, ['The tides', 'More tides'], 1)).toEqual(['tides']);
});

test('words are counted without punctuation, in any script', () => {
  expect(wordsOf("It isn't “long”, is it? 港口 — très bien…")).toEqual([
    'it',
    "isn't",
    'long',
    'is',
    'it',
    '港口',
    'très',
    'bien',
  ]);
});

test('long text without a single space is split all the same', () => {
  expect(sentencesOf('x'.repeat(10_000)).join('')).toHaveLength(10_000);
});
