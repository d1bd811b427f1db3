import type { DoctorFinding, DoctorReport } from '../world.js';
import type { Colors } from './colors.js';
import { safeText } from './safe-text.js';
import type { Scene, View } from './view.js';

const LEVEL_COLORS = {
  ok: 'green',
  note: 'cyan',
  warning: 'yellow',
  error: 'red',
} as const satisfies Record<DoctorFinding['level'], keyof Colors>;

export const FINDING_VIEW: View<DoctorFinding> = {
  id: ({ about, check }) => `${about}/${check}`,
  version: ({ level, what }) => `${level} ${what}`,
  columns: [
    { title: 'level', value: ({ level }) => level },
    { title: 'about', value: ({ about }) => about },
    { title: 'check', value: ({ check }) => check },
    { title: 'what', value: ({ what }) => what },
    { title: 'why', value: ({ why }) => why },
    { title: 'fix', value: ({ fix }) => fix },
  ],
};

/** All of it; `ok` is what the exit code says. */
export const REPORT_VIEW: View<DoctorReport & { readonly ok: boolean }> = {
  id: ({ ok }) => String(ok),
  version: ({ ok }) => String(ok),
  columns: [{ title: 'ok', value: ({ ok }) => ok }],
};

/** For people: a line each, and below it why it matters and what to do. */
export function findingsText(findings: readonly DoctorFinding[], { colors }: Scene): string {
  const nameOf = ({ about, check }: DoctorFinding) => `${about} ${check}`;
  const width = Math.max(0, ...findings.map((finding) => nameOf(finding).length));
  const indent = ' '.repeat(9 + width);
  const lines = findings.flatMap((finding) => {
    const { level, what, why, fix } = finding;
    const head = `${colors[LEVEL_COLORS[level]](level.padEnd(9))}${nameOf(finding).padEnd(width)}`;
    return [
      `${head}  ${safeText(what)}`,
      ...(why && level !== 'ok' ? [`${indent}  ${colors.dim(safeText(why))}`] : []),
      ...(fix && level !== 'ok' ? [`${indent}  ${colors.bold('fix:')} ${safeText(fix)}`] : []),
    ];
  });
  return lines.map((line) => `${line}\n`).join('');
}
