import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { clockOf } from './schedule.js';

/** The log of a run that a person reads: on the terminal and in `chaos.log`. */
export interface Journal {
  /** A line with the time since the start in front. */
  say(line: string): void;
  /** Lines as they are. */
  print(text: string): void;
  /** Since `begin`, or since it was made. */
  elapsedMs(): number;
  /** Time counts from here. */
  begin(): void;
}

export function createJournal(folder: string, write: (text: string) => void): Journal {
  const file = path.join(folder, 'chaos.log');
  let began = performance.now();
  const elapsedMs = () => performance.now() - began;
  const print = (text: string) => {
    appendFileSync(file, `${text}\n`);
    write(`${text}\n`);
  };
  return {
    elapsedMs,
    print,
    say: (line) => print(`${clockOf(elapsedMs())}  ${line}`),
    begin() {
      began = performance.now();
    },
  };
}
