import path from 'node:path';
import { counted } from '../plural.js';
import type { Report, ReportGroup } from './report.js';
import { why } from './report-markdown.js';
import { STYLE } from './report-style.js';

/**
 * The report as one HTML file that needs nothing else. Whatever came out of documents is
 * escaped, and the page's policy lets no script run.
 *
 * @param folder where the file will lie; links to the documents are relative to it
 */
export function reportAsHtml(report: Report, folder: string): string {
  const base = path.relative(folder, report.root).split(path.sep).map(encodeURIComponent).join('/');
  const link = (document: string, label: string) =>
    `<a href="${base}/${document.split('/').map(encodeURIComponent).join('/')}">${text(label)}</a>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Digest of ${text(path.basename(report.root))}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Digest of ${text(path.basename(report.root))}</h1>
<p class="quiet">${text(report.root)} · begun ${text(report.createTime.replace('T', ' ').slice(0, 16))} UTC</p>
</header>
<main>
${figures(report)}
${question(report)}
${keywords(report)}
${brokenLinks(report, link)}
${failed(report)}
<section>
<h2>Documents</h2>
${report.groups.map((group) => documents(group, link)).join('\n')}
</section>
</main>
</body>
</html>
`;
}

type LinkTo = (document: string, label: string) => string;

function figures({ counts, leftOut }: Report): string {
  const tiles: [string, number][] = [
    ['documents', counts.digested],
    ['words', counts.words],
    ['sentences', counts.sentences],
    ['links checked', counts.linksChecked],
    ['broken links', counts.brokenLinks],
    ['could not be read', counts.failed],
  ];
  const notes = leftOut.map(
    ({ reason, count }) => `<p class="quiet">Left out: ${counted(count, 'file')} (${text(reason)}).</p>`,
  );
  return `<dl class="figures">${tiles
    .map(([name, value]) => `<div><dt>${name}</dt><dd>${number(value)}</dd></div>`)
    .join('')}</dl>${notes.join('')}`;
}

function question(report: Report): string {
  if (report.question === '') return '';
  return `<section><h2>The question</h2><blockquote>${text(report.question)}</blockquote><p>${text(report.answer)}</p></section>`;
}

function keywords(report: Report): string {
  const most = report.keywords[0]?.documents ?? 1;
  const bars = report.keywords.map(
    ({ term, documents }) =>
      `<li><span>${text(term)}</span><meter value="${documents}" max="${most}"></meter><b>${number(documents)}</b></li>`,
  );
  return bars.length === 0
    ? ''
    : `<section><h2>What it is about</h2><ol class="keywords">${bars.join('')}</ol></section>`;
}

function brokenLinks({ broken, counts }: Report, link: LinkTo): string {
  if (broken.length === 0) return '';
  const rows = broken.map(
    ({ path: document, line, href, reason }) =>
      `<tr><td>${link(document, document)}</td><td>${line}</td><td><code>${text(href)}</code></td><td>${why(reason)}</td></tr>`,
  );
  const hidden = counts.brokenLinks - broken.length;
  return `<section><h2>Broken links</h2>
<details${broken.length <= 30 ? ' open' : ''}><summary>${counted(counts.brokenLinks, 'link')} ${counts.brokenLinks === 1 ? 'leads' : 'lead'} nowhere</summary>
<table><thead><tr><th>document</th><th>line</th><th>link</th><th>why</th></tr></thead><tbody>${rows.join('\n')}</tbody></table>
${hidden > 0 ? `<p class="quiet">${number(hidden)} more: of each document, the first 50 are listed.</p>` : ''}
</details></section>`;
}

function failed(report: Report): string {
  if (report.failed.length === 0) return '';
  const rows = report.failed.map(
    ({ path: document, kind, message }) =>
      `<tr><td>${text(document)}</td><td>${text(kind)}</td><td>${text(message)}</td></tr>`,
  );
  return `<section><h2>Could not be read</h2><table><thead><tr><th>file</th><th>outcome</th><th>why</th></tr></thead><tbody>${rows.join('\n')}</tbody></table></section>`;
}

function documents({ name, words, documents: members }: ReportGroup, link: LinkTo): string {
  const items = members.map(
    (document) => `<article><h3>${text(document.title)}</h3>
<p class="quiet">${link(document.path, document.path)} · ${counted(document.words, 'word')}</p>
${document.summary.length > 0 ? `<p>${text(document.summary.join(' '))}</p>` : ''}
${document.keywords.length > 0 ? `<ul class="tags">${document.keywords.map((word) => `<li>${text(word)}</li>`).join('')}</ul>` : ''}
</article>`,
  );
  const open = name.startsWith('node_modules/') || members.length > 20 ? '' : ' open';
  return `<details${open}><summary>${text(name)} <small>${counted(members.length, 'document')}, ${counted(words, 'word')}</small></summary>
${items.join('\n')}
</details>`;
}

function number(value: number): string {
  return value.toLocaleString('en');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function text(value: string): string {
  return value.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}
