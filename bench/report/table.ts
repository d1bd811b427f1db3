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

/** Text to the left in the first column, figures to the right; lines that say nothing are left out. */
export function layOut(lines: readonly (readonly string[])[]): string {
  const told = lines.filter(([what, ...cells]) => what === '' || cells.some((cell) => cell !== ''));
  const widths = (told[0] ?? []).map((_, column) =>
    Math.max(...told.map((line) => line[column]?.length ?? 0)),
  );
  const put = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0);
  return told.map((line) => line.map(put).join('   ').trimEnd()).join('\n');
}
