import { readFileSync } from 'node:fs';

/** The letter the kernel has for a process, `T` for stopped; `undefined`: there is none. */
export function processState(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.[0];
  } catch {
    return undefined;
  }
}
