import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { collectFolder } from '../../examples/digest/collect-files.js';
import { extractDocument } from '../../examples/digest/documents/extract-document.js';
import { localLinks } from '../../examples/digest/documents/links.js';
import { sentencesOf, wordsOf } from '../../examples/digest/documents/split-text.js';
import { documentsOf, recount } from './recount.js';

const folder = fileURLToPath(new URL('../fixtures/documents', import.meta.url));

test('the documents of a folder are found as a plain listing finds them', async () => {
  const { files, leftOut } = await collectFolder(folder);
  expect([...files].sort()).toEqual(documentsOf(folder));
  expect(files.length).toBeGreaterThanOrEqual(12);
  expect(leftOut).toEqual([]);
});

test.each(documentsOf(folder))('%s has the words and local links that a recount finds', (file) => {
  const outline = extractDocument(file, readFileSync(path.join(folder, file), 'utf8'));
  const texts = [...outline.blocks.flatMap(sentencesOf), ...outline.headings];
  const counted = recount(folder, [file]);
  expect(texts.flatMap(wordsOf)).toHaveLength(counted.words);
  expect(localLinks(outline.links, file)).toHaveLength(counted.linksChecked);
});
