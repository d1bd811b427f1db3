import { setTimeout as sleep } from 'node:timers/promises';
import type { HandlerContext } from '@reeve/sdk';
import { type DocumentDigest, nothingOf } from '../documents/document.js';
import { buildReport } from '../documents/report.js';
import { reportAsHtml } from '../documents/report-html.js';
import { reportAsMarkdown } from '../documents/report-markdown.js';
import { DOCUMENTS_IN_A_PART, type Run } from '../run-folder.js';
import {
  type MergePartInput,
  type MergePartOutput,
  type MergeReportInput,
  type MergeReportOutput,
  mergePartInput,
  mergeReportInput,
} from './inputs.js';
import { sampleAgent, serve } from './sample-agent.js';

/** How often is looked whether the question has been answered. */
const LOOK_MS = 100;

// The editor: merges the digests of single documents, part by part, into one report.
const { agent, run } = sampleAgent();

agent.handle<MergePartInput, MergePartOutput>(
  'digest.merge-part',
  { input: mergePartInput },
  async ({ part }) => {
    const { files } = await run.read();
    const first = part * DOCUMENTS_IN_A_PART;
    const documents = [];
    for (const file of files.slice(first, first + DOCUMENTS_IN_A_PART)) documents.push(await learntOf(file));
    await run.writePart(part, documents);
    return { documents: documents.length };
  },
);

agent.handle<MergeReportInput, MergeReportOutput>(
  'digest.merge-report',
  { input: mergeReportInput },
  async ({ parts }, ctx) => {
    const documents = [];
    for (let part = 0; part < parts; part++) {
      documents.push(...(await run.readPart(part)));
      ctx.progress(part / parts, 'reading the parts');
    }
    const { root, createTime, leftOut, question, answer } = await whenAnswered(ctx);
    const report = buildReport({ root, createTime, leftOut, question, answer }, documents);
    await run.writeReport('report.json', `${JSON.stringify(report, null, 2)}\n`);
    await run.writeReport('report.md', reportAsMarkdown(report));
    await run.writeReport('report.html', reportAsHtml(report, run.folder));
    const { digested, failed, words, linksChecked, brokenLinks } = report.counts;
    return { documents: digested, failed, words, linksChecked, brokenLinks };
  },
);

/** What the others have found out about a document. */
async function learntOf(document: string): Promise<DocumentDigest> {
  const text = await run.kept('texts', document);
  const digest = await run.kept('digests', document);
  const check = await run.kept('links', document);
  if (digest && (check || text?.links.length === 0)) return { ...digest, ...check };
  const failure = await run.kept('failures', document);
  if (failure) return { ...nothingOf(document), failure };
  const kind = text ? 'NOT_DIGESTED' : 'NOT_READ';
  return { ...(digest ?? nothingOf(document)), failure: { kind, message: 'its task says why' } };
}

/** The person's question and its answer stand in the report, so it waits for them. */
async function whenAnswered(ctx: HandlerContext): Promise<Run & { readonly answer: string }> {
  for (;;) {
    const found = await run.read();
    if (found.answer !== undefined) return { ...found, answer: found.answer };
    await sleep(LOOK_MS, undefined, { signal: ctx.signal });
  }
}

await serve(agent);
