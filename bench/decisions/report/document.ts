import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Measured } from '../measure.js';
import type { Scenario } from '../scenario.js';
import { picture } from './picture.js';
import { table } from './table.js';

/** Puts a scenario's table and picture where the page has its markers: what stands around them is written by hand. */
export function write(docs: string, measured: Measured): readonly string[] {
  const { scenario, seeds } = measured;
  const page = path.join(docs, 'decisions.md');
  const name = `pictures/decisions-${scenario.id.toLowerCase()}.svg`;
  const text = [
    scenario.about,
    `![${scenario.id}: ${scenario.title}](${name})`,
    `${table(measured)}`,
    `${seeds} seeds.`,
  ].join('\n\n');
  const changed = replaced(readFileSync(page, 'utf8'), scenario, text);
  mkdirSync(path.join(docs, 'pictures'), { recursive: true });
  writeFileSync(path.join(docs, name), picture(measured));
  writeFileSync(page, changed);
  return [page, path.join(docs, name)];
}

/** With the text between the scenario's markers; one that has no place yet gets a section at the end. */
export function replaced(page: string, { id, title }: Pick<Scenario, 'id' | 'title'>, text: string): string {
  const [begin, end] = [`<!-- figures of ${id} -->`, `<!-- end of ${id} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 && to < 0) return `${page.trimEnd()}\n\n## ${id}: ${title}\n\n${begin}\n\n${text}\n\n${end}\n`;
  if (from < 0 || to < from)
    throw new Error(`docs/decisions.md has only one of "${begin}" and "${end}", or not in this order`);
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
}
