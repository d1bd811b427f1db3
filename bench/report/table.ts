import type { SystemFigures } from '../compare.js';
import { format, isMet, type Row } from './rows.js';

/** Figures against targets. */
export function targetTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.what,
    format(row.value, row.unit),
    row.target ? `${row.target.kind} ${format(row.target.value, row.unit)}` : '',
    row.target ? (isMet(row) ? 'met' : 'missed') : '',
  ]);
  return layOut([['', 'measured', 'target', ''], ...cells]);
}

/** Systems side by side. */
export function systemTable(systems: readonly SystemFigures[], rate: number): string {
  const parts = [...new Set(systems.flatMap(({ cpu }) => Object.keys(cpu)))];
  const has = (value: number | undefined, unit: string) => (value === undefined ? '' : format(value, unit));
  return layOut([
    ['', ...systems.map(({ name }) => name)],
    ['version', ...systems.map(({ version }) => version)],
    ['tasks end to end', ...systems.map((one) => format(one.tasksPerSecond, '/s'))],
    ['acknowledged', ...systems.map((one) => format(one.acknowledgedPerSecond, '/s'))],
    ['CPU a task', ...systems.map((one) => format(one.cpuMicrosPerTask, 'µs'))],
    ...parts.map((part) => [`  ${part}`, ...systems.map(({ cpu }) => has(cpu[part], 'µs'))]),
    ['log a task', ...systems.map(({ storeWork }) => has(storeWork.postgres, 'B'))],
    ['Redis commands a task', ...systems.map(({ storeWork }) => has(storeWork.redis, ''))],
    [`p50 at ${rate}/s`, ...systems.map((one) => format(one.p50Ms, 'ms'))],
    [`p99 at ${rate}/s`, ...systems.map((one) => format(one.p99Ms, 'ms'))],
    ...halfLoadRows(systems),
    ['lost', ...systems.map((one) => format(one.lost, ''))],
    ['duplicated', ...systems.map((one) => format(one.duplicated, ''))],
  ]);
}

function halfLoadRows(systems: readonly SystemFigures[]): string[][] {
  if (systems.every(({ halfLoad }) => halfLoad === null)) return [];
  return [
    ['half load', ...systems.map(({ halfLoad }) => (halfLoad ? format(halfLoad.rate, '/s') : ''))],
    ['  p50', ...systems.map(({ halfLoad }) => (halfLoad ? format(halfLoad.p50Ms, 'ms') : ''))],
    ['  p99', ...systems.map(({ halfLoad }) => (halfLoad ? format(halfLoad.p99Ms, 'ms') : ''))],
  ];
}

/** Text to the left in the first column, figures to the right. */
function layOut(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}
