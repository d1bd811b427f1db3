import { format, isMet, type Row } from './rows.js';

const WIDTH = 760;
const ROW = 46;
const LEFT = 250;
const BAR = 360;

/** Figures as bars against their targets, as SVG. The target is the line at two thirds of a bar's room. */
export function drawTargets(title: string, rows: readonly Row[]): string {
  const height = 60 + rows.length * ROW;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="14">
<title>${escapeXml(title)}</title>
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text x="20" y="32" font-size="18" font-weight="600" fill="#1f2933">${escapeXml(title)}</text>
${rows.map((row, n) => drawRow(row, 56 + n * ROW)).join('\n')}
</svg>
`;
}

function drawRow(row: Row, y: number): string {
  const { what, value, unit, target } = row;
  const mark = (BAR * 2) / 3;
  const scale = target && target.value > 0 ? mark / target.value : mark / Math.max(value, 1);
  const width = Math.min(BAR, value * scale);
  const colour = !target ? '#829ab1' : isMet(row) ? '#2f855a' : '#c05621';
  const parts = [
    `<text x="20" y="${y + 18}" fill="#1f2933">${escapeXml(what)}</text>`,
    `<rect x="${LEFT}" y="${y + 4}" width="${width.toFixed(1)}" height="20" rx="3" fill="${colour}"/>`,
    `<text x="${LEFT + BAR + 16}" y="${y + 19}" fill="#1f2933">${escapeXml(format(value, unit))}</text>`,
  ];
  if (target && target.value > 0) {
    const x = LEFT + mark;
    const label = `${target.kind} ${format(target.value, unit)}`;
    parts.push(
      `<line x1="${x}" x2="${x}" y1="${y}" y2="${y + 28}" stroke="#1f2933" stroke-dasharray="3 3"/>`,
      `<text x="${x}" y="${y + 39}" font-size="10" text-anchor="middle" fill="#52606d">${escapeXml(label)}</text>`,
    );
  }
  return parts.join('\n');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
