import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Bench } from '../benches.js';
import type { Plan } from '../plan.js';
import { drawTargets } from './picture.js';
import { type Measured, rowsOf } from './rows.js';
import { systemTable, targetTable } from './table.js';

/** Prints the tables and settings, writes the figures as JSON and the picture beside it. */
export function report(bench: Bench, plan: Plan, measured: Measured): void {
  const rows = rowsOf(bench, plan, measured);
  const settings = measured.systems.map(
    ({ name, durability, settings }) => `${name}: ${durability}\n  ${JSON.stringify(settings)}`,
  );
  process.stdout.write(
    `\n${systemTable(measured.systems, plan.rate)}\n\n${targetTable(rows)}\n\n${settings.join('\n')}\n`,
  );
  const file = plan.json;
  mkdirSync(path.dirname(file), { recursive: true });
  const machine = { cpus: os.cpus().length, model: os.cpus()[0]?.model ?? '', node: process.version };
  const { json: _, profile: __, ...asked } = plan;
  const all = { bench, time: new Date().toISOString(), machine, plan: asked, ...measured };
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
  const picture = `${file.replace(/\.json$/, '')}.svg`;
  writeFileSync(picture, drawTargets(`Reeve, ${bench}`, rows));
  process.stdout.write(`\n${file}\n${picture}\n`);
}
