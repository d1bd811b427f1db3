import { expect, test } from 'vitest';
import { extractMarkdown } from '../../examples/digest/documents/extract-markdown.js';
import { extractSource } from '../../examples/digest/documents/extract-source.js';

const MEBIBYTE = 1024 * 1024;
const fill = (text: string) => text.repeat(MEBIBYTE / text.length);

// In quadratic time each of these takes minutes.
test.each(['/*', "'\\", '"\\', '//', '/*\n', '@example '])(
  'a source file full of %j is read in the end',
  (text) => {
    expect(extractSource(fill(text), 'x.d.ts').title).toBe('x.d.ts');
  },
);

test.each(['<!--', '<', '<a ', '<h1>', '<a id="'])('raw HTML full of %j is read in the end', (text) => {
  expect(extractMarkdown(`<div>\n${fill(text)}\n`, 'x.md').anchors).toBeDefined();
});
