import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Measured, measure } from './measure.js';
import { time, timeLine } from './micro/micro.js';
import { MICROS } from './micro/micros.js';
import { type Options, optionsFrom, USAGE } from './options.js';
import { write } from './report/document.js';
import { json } from './report/json.js';
import { table } from './report/table.js';

/** From `dist/bench/`. */
const DOCS = fileURLToPath(new URL('../../docs', import.meta.url));

/** The command `npm run bench -- decisions`. @param progress takes lines about what is under way */
export function decisions(args: readonly string[], print: Print, progress: Print): void {
  const options = optionsFrom(args);
  if (!options) print(USAGE);
  else if (options.micro) timeAll(print);
  else measureAll(options, print, progress);
}

type Print = (text: string) => void;

function timeAll(print: Print) {
  print('|  | a decision | target (stretch) |  |\n| --- | --- | --- | --- |\n');
  for (const make of MICROS) print(`${timeLine(time(make(), () => performance.now()))}\n`);
}

function measureAll(
  { scenarios, seeds, json: file, write: isWritten }: Options,
  print: Print,
  progress: Print,
) {
  const all: Measured[] = [];
  for (const scenario of scenarios) {
    const runs = seeds * scenario.policies.length;
    let begun = 0;
    const measured = measure(scenario, seeds, (seed, policy) => {
      begun += 1;
      progress(`${scenario.id} ${begun}/${runs}: ${policy}, seed ${seed}`);
    });
    all.push(measured);
    print(`\n${scenario.id}: ${scenario.title}, ${seeds} seeds\n\n${table(measured)}\n`);
    if (isWritten) for (const written of write(DOCS, measured)) print(`${written}\n`);
  }
  if (file === undefined) return;
  mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  writeFileSync(file, json(all));
  print(`${file}\n`);
}
