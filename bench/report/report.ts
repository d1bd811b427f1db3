import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Bench } from '../benches.js';
import type { Plan } from '../plan.js';
import { drawTargets } from './picture.js';
import type { Row } from './rows.js';
import { targetTable } from './table.js';

/** What a bench has to say. */
export interface Reported {
  readonly tables: readonly string[];
  readonly rows: readonly Row[];
  readonly json: Readonly<Record<string, unknown>>;
}

/** Prints tables, writes the figures as JSON and the picture beside it. */
export function report(bench: Bench, plan: Plan, { tables, rows, json }: Reported): void {
  const { json: file, profile: _, ...asked } = plan;
  const machine = { cpus: os.cpus().length, model: os.cpus()[0]?.model ?? '', node: process.version };
  const all = { bench, time: new Date().toISOString(), machine, plan: asked, ...json };
  const picture = `${file.replace(/\.json$/, '')}.svg`;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(picture, drawTargets(`Reeve, ${bench}`, rows));
  process.stdout.write(`\n${[...tables, targetTable(rows), `${file}\n${picture}`].join('\n\n')}\n`);
}
