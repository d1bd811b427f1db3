import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** From `dist/bench/`. */
const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));

export interface Coordinator {
  readonly address: string;
  readonly dataDir: string;
  /** Processor time used so far by all its threads, in µs. */
  cpuMicros(): number;
  /** Resident memory, in bytes. */
  residentBytes(): number;
  /** Ends it in order. */
  stop(): Promise<void>;
}

/** Starts a `reeve dev` process of its own on a free port. */
export async function startCoordinator(dataDir: string, profile: string | undefined): Promise<Coordinator> {
  const node = profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile];
  const child = spawn(
    process.execPath,
    [...node, MAIN, 'dev', '--port', '0', '--http-port', '0', '--data', dataDir],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const exited = once(child, 'close');
  const killed = () => child.kill('SIGKILL');
  process.once('exit', killed);
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([text]) => String(text)),
    exited.then(() => Promise.reject(new Error('reeve dev ended before it served'))),
  ]);
  const { address, pid } = JSON.parse(line) as { address: string; pid: number };
  return {
    address,
    dataDir,
    cpuMicros: () => cpuMicrosOf(pid),
    residentBytes: () => residentBytesOf(pid),
    async stop() {
      child.kill('SIGTERM');
      await exited;
      process.off('exit', killed);
    },
  };
}

/** `/proc/<pid>/stat` counts in ticks of 10 ms on every Linux that Node runs on. */
const MICROS_PER_TICK = 10_000;

function cpuMicrosOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * MICROS_PER_TICK;
}

function residentBytesOf(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}
