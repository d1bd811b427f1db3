// Intl.Segmenter's time grows with the square of its input (70 KB: 5.5 s, in pieces of
// 500 characters: 35 ms), so text is always segmented block by block, sentence by sentence.
const LONGEST_PIECE = 2000;

const sentences = new Intl.Segmenter('en', { granularity: 'sentence' });
const words = new Intl.Segmenter('en', { granularity: 'word' });

/** The sentences of a paragraph, white space collapsed, empty ones left out. */
export function sentencesOf(block: string): string[] {
  const found: string[] = [];
  for (const piece of piecesOf(block.replace(/\s+/g, ' ').trim())) {
    for (const { segment } of sentences.segment(piece)) {
      const sentence = segment.trim();
      if (sentence !== '') found.push(sentence);
    }
  }
  return found;
}

/** The words of a sentence in lower case; punctuation and white space are none. */
export function wordsOf(sentence: string): string[] {
  const found: string[] = [];
  for (const piece of piecesOf(sentence)) {
    for (const { segment, isWordLike } of words.segment(piece)) {
      if (isWordLike) found.push(segment.toLowerCase());
    }
  }
  return found;
}

/** Cuts long text at a space, or where there is none, anywhere. */
function* piecesOf(text: string): Generator<string> {
  let from = 0;
  while (text.length - from > LONGEST_PIECE) {
    const space = text.lastIndexOf(' ', from + LONGEST_PIECE);
    const to = space > from ? space : from + LONGEST_PIECE;
    yield text.slice(from, to);
    from = to;
  }
  yield text.slice(from);
}
