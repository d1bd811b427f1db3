import { existsSync } from 'node:fs';
import path from 'node:path';
import { TaskError } from '@reeve/sdk';
import { clip } from '../documents/document.js';
import { extractDocument } from '../documents/extract-document.js';
import { checkLinks, localLinks, type Shelf } from '../documents/links.js';
import { sentencesOf, wordsOf } from '../documents/split-text.js';
import {
  type CheckLinksInput,
  type CheckLinksOutput,
  checkLinksInput,
  type ExtractInput,
  type ExtractOutput,
  extractInput,
} from './inputs.js';
import { readDocument } from './read-document.js';
import { sampleAgent, serve } from './sample-agent.js';

const MOST_LINKS = 1000;
const MOST_BROKEN = 50;
const MOST_SHELVED = 500;

// The reader: takes documents apart and checks their links.
const { agent, root, run } = sampleAgent();

agent.handle<ExtractInput, ExtractOutput>(
  'document.extract',
  { input: extractInput },
  async ({ path: document }) => {
    const outline = extractDocument(document, await readOrSayWhyNot(document));
    const sentences = outline.blocks.flatMap(sentencesOf);
    const headings = outline.headings.map((heading) => clip(heading, 200));
    const words = [...sentences, ...outline.headings].reduce((sum, text) => sum + wordsOf(text).length, 0);
    const title = clip(outline.title, 200);
    const links = localLinks(outline.links, document)
      .slice(0, MOST_LINKS)
      .map(({ href, line }) => ({ href: clip(href, 500), line }));
    await run.keep('texts', { path: document, title, words, links, headings, sentences });
    return { path: document, words, sentences: sentences.length, links: links.length };
  },
);

agent.handle<CheckLinksInput, CheckLinksOutput>(
  'document.check-links',
  { input: checkLinksInput },
  async ({ path: document }) => {
    const { links } = await run.readText(document);
    const broken = await checkLinks(document, links, shelf);
    const counts = { linksChecked: links.length, brokenLinks: broken.length };
    await run.keep('links', { path: document, ...counts, broken: broken.slice(0, MOST_BROKEN) });
    return counts;
  },
);

/** The task fails; the report says why, too. */
async function readOrSayWhyNot(document: string): Promise<string> {
  try {
    return await readDocument(root, document);
  } catch (error) {
    if (error instanceof TaskError) {
      await run.keep('failures', { path: document, kind: error.kind, message: error.message });
    }
    throw error;
  }
}

const shelved = new Map<string, ReadonlySet<string> | undefined>();
const shelf: Shelf = {
  exists: async (document) => existsSync(path.join(root, document)),
  anchors: async (document) => {
    if (!/\.(md|markdown)$/i.test(document)) return undefined;
    if (!shelved.has(document)) {
      if (shelved.size >= MOST_SHELVED) shelved.clear();
      const text = await readDocument(root, document).catch(() => undefined);
      shelved.set(
        document,
        text === undefined ? undefined : new Set(extractDocument(document, text).anchors),
      );
    }
    return shelved.get(document);
  },
};

await serve(agent);
