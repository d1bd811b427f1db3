import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Figures } from '../figures.js';
import { drawTargets } from './picture.js';
import { rowsOf } from './rows.js';
import { tableOf } from './table.js';

/** Prints the table, writes the figures as JSON and the picture beside it. */
export function report(bench: string, figures: Figures, file: string): void {
  const rows = rowsOf(figures);
  process.stdout.write(`\n${tableOf(rows)}\n`);
  mkdirSync(path.dirname(file), { recursive: true });
  const machine = { cpus: os.cpus().length, model: os.cpus()[0]?.model ?? '', node: process.version };
  const json = { bench, time: new Date().toISOString(), machine, systems: [figures] };
  writeFileSync(file, `${JSON.stringify(json, null, 2)}\n`);
  const picture = `${file.replace(/\.json$/, '')}.svg`;
  writeFileSync(picture, drawTargets(`${figures.name} ${figures.version}`, rows));
  process.stdout.write(`\n${file}\n${picture}\n`);
}
