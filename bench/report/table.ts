import { format, isMet, type Row } from './rows.js';

/** The rows as text, figures to the right. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.what,
    format(row.value, row.unit),
    row.target ? `${row.target.kind} ${format(row.target.value, row.unit)}` : '',
    row.target ? (isMet(row) ? 'met' : 'missed') : '',
  ]);
  const head = ['', 'measured', 'target', ''];
  const widths = head.map((_, column) =>
    Math.max(...[head, ...cells].map((line) => line[column]?.length ?? 0)),
  );
  return [head, ...cells]
    .map((line) =>
      line
        .map((cell, column) =>
          column === 1 ? cell.padStart(widths[1] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}
