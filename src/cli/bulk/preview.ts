import type { Colors } from '../output/colors.js';
import type { Match } from '../output/match-view.js';
import { safeText } from '../output/safe-text.js';
import { clip } from '../output/table.js';

const MOST_KINDS = 8;
const FIRST_IDS = 5;

/** What a filter has chosen, for people: how many, in which states, of which kinds, the first few. */
export function preview(matches: readonly Match[], verb: string, colors: Colors): readonly string[] {
  const ids = matches.slice(0, FIRST_IDS).map(({ taskId }) => safeText(taskId));
  const label = (text: string) => colors.dim(`  ${text.padEnd(8)}`);
  return [
    colors.bold(`${tasks(matches.length)} to ${verb}`),
    `${label('states')}${tally(matches.map(({ state }) => state))}`,
    `${label('kinds')}${tally(matches.map(({ kind }) => kind))}`,
    `${label('newest')}${[...ids, ...(matches.length > ids.length ? ['…'] : [])].join(`\n${label('')}`)}`,
  ];
}

/** `1 task`, `5,210 tasks` */
export function tasks(count: number): string {
  return `${number(count)} ${count === 1 ? 'task' : 'tasks'}`;
}

export function number(count: number): string {
  return count.toLocaleString('en');
}

/** `QUEUED 5,000, RUNNING 210`, most frequent first. */
function tally(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  const shown = sorted
    .slice(0, MOST_KINDS)
    .map(([word, count]) => `${clip(safeText(word), 40)} ${number(count)}`);
  const left = sorted.length - shown.length;
  return [...shown, ...(left > 0 ? [`and ${left} more`] : [])].join(', ');
}
