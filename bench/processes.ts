import { readdirSync, readFileSync } from 'node:fs';

/** `/proc/<pid>/stat` counts in ticks of 10 ms on every Linux that Node runs on. */
const MICROS_PER_TICK = 10_000;

interface Stat {
  readonly parent: number;
  /** Of the process and of the children that have ended, in ticks. */
  readonly ticks: number;
}

/** Processor time used so far by a process, all its threads, and all it has started; in µs. */
export function cpuMicrosOf(pid: number): number {
  const stats = new Map<number, Stat>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? statOf(name) : undefined;
    if (stat) stats.set(Number(name), stat);
  }
  const isOurs = (each: number): boolean =>
    each === pid || (stats.has(each) && isOurs(stats.get(each)?.parent ?? 0));
  let ticks = 0;
  for (const [each, stat] of stats) if (isOurs(each)) ticks += stat.ticks;
  return ticks * MICROS_PER_TICK;
}

/** Resident memory of a process, in bytes. */
export function residentBytesOf(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}

function statOf(pid: string): Stat | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
    return { parent: Number(fields[1]), ticks };
  } catch {
    // It has ended since the folder was read.
    return undefined;
  }
}
