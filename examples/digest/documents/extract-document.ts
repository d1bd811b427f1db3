import { posix } from 'node:path';
import { formatOf, type Outline } from './document.js';
import { extractMarkdown } from './extract-markdown.js';
import { extractSource } from './extract-source.js';

/** Reads a document by the format that its name tells. */
export function extractDocument(path: string, source: string): Outline {
  const name = posix.basename(path);
  switch (formatOf(path)) {
    case 'markdown':
      return extractMarkdown(source, name);
    case 'source':
      return extractSource(source, name);
    case 'text':
      return { title: name, headings: [], anchors: [], blocks: source.split(/\r?\n[ \t]*\r?\n/), links: [] };
  }
}
