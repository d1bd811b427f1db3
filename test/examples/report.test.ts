import { expect, test } from 'vitest';
import { answer } from '../../examples/digest/documents/answer.js';
import type { DocumentDigest } from '../../examples/digest/documents/document.js';
import { buildReport } from '../../examples/digest/documents/report.js';
import { reportAsHtml } from '../../examples/digest/documents/report-html.js';
import { reportAsMarkdown } from '../../examples/digest/documents/report-markdown.js';

const NASTY = '<img src=x onerror=alert(1)> | *b* [c](javascript:d) `e`\n# f "g"';

function document(path: string, more: Partial<DocumentDigest> = {}): DocumentDigest {
  const nothing = { words: 0, sentences: 0, linksChecked: 0, brokenLinks: 0, broken: [] };
  return { path, title: path, summary: [], keywords: [], ...nothing, ...more };
}

const frame = {
  root: '/folder',
  createTime: '2026-01-02T03:04:05.000Z',
  leftOut: [],
  question: '',
  answer: '',
};

test('a report adds up its documents, and what could not be read stands apart', () => {
  const report = buildReport(frame, [
    document('a.md', {
      words: 10,
      sentences: 2,
      linksChecked: 3,
      brokenLinks: 1,
      keywords: ['tide', 'lamp'],
    }),
    document('node_modules/@s/p/b.md', { words: 5, keywords: ['tide'] }),
    document('c.md', { failure: { kind: 'NOT_TEXT', message: 'it is not UTF-8 text' } }),
  ]);
  expect(report.counts).toEqual({
    files: 3,
    digested: 2,
    failed: 1,
    words: 15,
    sentences: 2,
    linksChecked: 3,
    brokenLinks: 1,
  });
  expect(report.keywords[0]).toEqual({ term: 'tide', documents: 2 });
  expect(report.groups.map(({ name }) => name)).toEqual(['top folder', 'node_modules/@s/p']);
  expect(report.failed).toEqual([{ path: 'c.md', kind: 'NOT_TEXT', message: 'it is not UTF-8 text' }]);
});

test('nothing that stands in a document becomes markup of the report', () => {
  const report = buildReport({ ...frame, root: NASTY, question: NASTY, answer: NASTY }, [
    document(NASTY, {
      title: NASTY,
      summary: [NASTY],
      keywords: [NASTY],
      brokenLinks: 1,
      broken: [{ href: NASTY, line: 1, reason: 'NO_SUCH_FILE' }],
    }),
    document('x', { failure: { kind: NASTY, message: NASTY } }),
  ]);
  const html = reportAsHtml(report, '/folder/.reeve/runs/1');
  expect(html).not.toContain('<img');
  expect(html).not.toMatch(/href="(?!\.\.\/|[\w%.-]+\/)/);
  const markdown = reportAsMarkdown(report);
  expect(markdown).not.toContain('<img');
  expect(markdown).not.toContain('](javascript');
  expect(markdown).not.toMatch(/(^|[^\\])\*b\*/m);
  expect(markdown).not.toMatch(/^# f/m);
});

test('a question is answered by the documents that are about its words, best first', () => {
  const digests = [
    document('tides.md', { title: 'Tides', keywords: ['tides', 'water'], summary: ['Tides rise.'] }),
    document('harbour.md', { keywords: ['harbour'], summary: ['The harbour has tides.'] }),
    document('soup.md', { keywords: ['soup'] }),
  ];
  const found = answer('Which documents speak about “tides”?', digests);
  expect(found.documents.map(({ path }) => path)).toEqual(['tides.md', 'harbour.md']);
  expect(found.answer).toMatch(/^2 of the 3 documents digested so far speak about “tides”/);
  expect(answer('Which documents speak about “whales”?', digests).answer).toMatch(/^None of the 3/);
  expect(answer('?', digests).documents).toEqual([]);
});
