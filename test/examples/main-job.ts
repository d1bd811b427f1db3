import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const fixture = fileURLToPath(new URL('../fixtures/documents', import.meta.url));
export const START = path.join(repository, 'scripts', 'start.mjs');
export const MAIN = path.join(repository, 'dist', 'examples', 'digest', 'main.js');

/** A folder of documents and a place for the data, removed after the test. */
export function setup(copies = 1) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'reeve-main-job-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  const documents = path.join(folder, 'documents');
  if (copies === 1) cpSync(fixture, documents, { recursive: true });
  else
    for (let n = 0; n < copies; n++) cpSync(fixture, path.join(documents, `copy-${n}`), { recursive: true });
  const runs = path.join(folder, 'runs');
  return { documents, data: path.join(folder, 'data'), runs, run: () => onlyRun(runs) };
}

/** The folder of the one run there is. */
function onlyRun(runs: string) {
  const names = readdirSync(runs, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  if (names.length !== 1) throw new Error(`one run was expected, not ${names.length}`);
  const folder = path.join(runs, names[0]?.name ?? '');
  const json = (name: string) => JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
  return { folder, runId: path.basename(folder), json };
}

/** A started main job, killed after the test if it has not ended by then. */
export class MainJob {
  readonly process: ChildProcess;
  readonly ended: Promise<number | NodeJS.Signals>;
  output = '';

  constructor(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.process = spawn(process.execPath, [script, ...args], {
      cwd: os.tmpdir(),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
    this.ended = once(this.process, 'close').then(([code, signal]) => code ?? signal);
    onTestFinished(async () => {
      this.process.kill('SIGKILL');
      await this.ended;
    });
  }

  /** Waits for what it says. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.output);
      if (found) return found;
      if (this.process.exitCode !== null || this.process.signalCode !== null) {
        throw new Error(`it ended without saying ${pattern}:\n${this.output}`);
      }
      await pause(20);
    }
  }

  /** The process ids of its children, by name. */
  async pids(): Promise<Map<string, number>> {
    const [, list = ''] = await this.says(/^Processes: (.*)\. Kill any/m);
    return new Map(list.split(', ').map((entry) => [entry.split(' ')[0] ?? '', Number(entry.split(' ')[1])]));
  }
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(20);
}

/** How many documents have been taken apart so far. */
export function textsOf(runs: string): number {
  try {
    return readdirSync(path.join(onlyRun(runs).folder, 'texts')).length;
  } catch {
    return 0;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
