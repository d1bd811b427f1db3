import type { OperationInfo } from '@reeve/sdk';
import type { Colors } from '../output/colors.js';
import { countsText } from '../output/operation-view.js';
import { safeText } from '../output/safe-text.js';

/** Ids that a preview shows. */
export const FIRST_IDS = 5;

/** What a filter has chosen, for people: how many, in which states, of which kinds, the first few. */
export function preview(
  { totalCount, stateCounts, kindCounts }: OperationInfo,
  ids: readonly string[],
  verb: string,
  colors: Colors,
): readonly string[] {
  const label = (text: string) => colors.dim(`  ${text.padEnd(8)}`);
  const newest = [...ids.map((id) => safeText(id)), ...(totalCount > ids.length ? ['…'] : [])];
  return [
    colors.bold(`${tasks(totalCount)} to ${verb}`),
    `${label('states')}${countsText(stateCounts)}`,
    `${label('kinds')}${countsText(kindCounts)}`,
    `${label('newest')}${newest.join(`\n${label('')}`)}`,
  ];
}

/** `1 task`, `5,210 tasks` */
export function tasks(count: number): string {
  return `${number(count)} ${count === 1 ? 'task' : 'tasks'}`;
}

export function number(count: number): string {
  return count.toLocaleString('en');
}
