import { counted } from '../plural.js';
import type { Report } from './report.js';

const MOST_BROKEN_SHOWN = 300;

/** The report as Markdown. Whatever came out of documents is escaped. */
export function reportAsMarkdown(report: Report): string {
  const { counts } = report;
  const out: string[] = [
    `# Digest of ${text(report.root)}`,
    '',
    `Begun ${report.createTime}.`,
    '',
    '| documents | words | sentences | links checked | broken links | could not be read |',
    '| ---: | ---: | ---: | ---: | ---: | ---: |',
    `| ${counts.digested} | ${counts.words} | ${counts.sentences} | ${counts.linksChecked} | ${counts.brokenLinks} | ${counts.failed} |`,
    '',
  ];
  for (const { reason, count } of report.leftOut)
    out.push(`Left out: ${counted(count, 'file')} (${text(reason)}).`, '');
  if (report.question !== '') {
    out.push('## The question', '', `> ${text(report.question)}`, '', text(report.answer), '');
  }
  out.push('## What it is about', '');
  out.push(report.keywords.map(({ term, documents }) => `${text(term)} (${documents})`).join(' · '), '');
  if (report.broken.length > 0) out.push(...brokenLinks(report));
  if (report.failed.length > 0) {
    out.push('## Could not be read', '', '| file | why |', '| --- | --- |');
    for (const { path, kind, message } of report.failed) {
      out.push(`| ${text(path)} | ${text(kind)}: ${text(message)} |`);
    }
    out.push('');
  }
  out.push('## Documents', '');
  for (const { name, words, documents } of report.groups) {
    out.push(
      `### ${text(name)}`,
      '',
      `${counted(documents.length, 'document')}, ${counted(words, 'word')}.`,
      '',
    );
    for (const document of documents) {
      out.push(`- **${text(document.title)}** (${text(document.path)}, ${counted(document.words, 'word')})`);
      if (document.summary.length > 0) out.push(`  ${text(document.summary.join(' '))}`);
      if (document.keywords.length > 0) out.push(`  *${document.keywords.map(text).join(', ')}*`);
    }
    out.push('');
  }
  return `${out.join('\n').trimEnd()}\n`;
}

function brokenLinks({ broken, counts }: Report): string[] {
  const out = ['## Broken links', '', '| document | line | link | why |', '| --- | ---: | --- | --- |'];
  for (const { path, line, href, reason } of broken.slice(0, MOST_BROKEN_SHOWN)) {
    out.push(`| ${text(path)} | ${line} | ${text(href)} | ${why(reason)} |`);
  }
  const hidden = counts.brokenLinks - Math.min(broken.length, MOST_BROKEN_SHOWN);
  out.push('');
  if (hidden > 0) out.push(`… and ${hidden} more; \`report.json\` has up to 50 of each document.`, '');
  return out;
}

export function why(reason: string): string {
  return reason === 'NO_SUCH_FILE' ? 'no such file' : 'no such anchor';
}

/** One line of text in which nothing is Markdown or HTML. */
function text(value: string): string {
  return value
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_{}[\]()#+!|~$]/g, '\\$&')
    .replace(/^(\d*)([-=.)])/, '$1\\$2')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;');
}
