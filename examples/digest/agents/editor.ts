import { buildReport } from '../documents/report.js';
import { reportAsHtml } from '../documents/report-html.js';
import { reportAsMarkdown } from '../documents/report-markdown.js';
import {
  type MergePartInput,
  type MergePartOutput,
  type MergeReportInput,
  type MergeReportOutput,
  mergePartInput,
  mergeReportInput,
} from './inputs.js';
import { sampleAgent, serve } from './sample-agent.js';

// The editor: merges the digests of single documents, part by part, into one report.
const { agent, run } = sampleAgent();

agent.handle<MergePartInput, MergePartOutput>(
  'digest.merge-part',
  { input: mergePartInput },
  async ({ part, documents }) => {
    await run.writePart(part, documents);
    return { part, documents: documents.length };
  },
);

agent.handle<MergeReportInput, MergeReportOutput>(
  'digest.merge-report',
  { input: mergeReportInput },
  async ({ parts, question, answer }, ctx) => {
    const documents = [];
    for (let part = 0; part < parts; part++) {
      documents.push(...(await run.readPart(part)));
      ctx.progress(part / parts, 'reading the parts');
    }
    const { root, createTime, leftOut } = await run.read();
    const report = buildReport({ root, createTime, leftOut, question, answer }, documents);
    await run.writeReport('report.json', `${JSON.stringify(report, null, 2)}\n`);
    await run.writeReport('report.md', reportAsMarkdown(report));
    await run.writeReport('report.html', reportAsHtml(report, run.folder));
    const { digested, failed, words, linksChecked, brokenLinks } = report.counts;
    return { documents: digested, failed, words, linksChecked, brokenLinks };
  },
);

await serve(agent);
