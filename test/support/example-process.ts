import { type ChildProcess, spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';

/** A program of `examples/` that runs for a test, in whatever language. */
export class ExampleProcess {
  readonly process: ChildProcess;
  /** What it has written so far. */
  stdout = '';
  stderr = '';
  /** Its exit code, or the signal that ended it, once all it wrote was read. */
  readonly ended: Promise<number | string>;
  #onOutput: (() => void)[] = [];

  /** Starts it; it ends with the test at the latest. */
  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd?: string) {
    this.process = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const child = this.process;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.#wake();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#wake();
    });
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        resolve(code ?? signal ?? 'unknown');
        this.#wake();
      });
    });
    const end = () => child.kill('SIGKILL');
    process.once('exit', end);
    onTestFinished(async () => {
      process.off('exit', end);
      end();
      await this.ended.catch(() => {});
    });
  }

  /** Waits until its stderr has this. Throws if it ends before. */
  async says(text: string): Promise<void> {
    let over = false;
    void this.ended.finally(() => {
      over = true;
    });
    while (!this.stderr.includes(text)) {
      if (over) throw new Error(`it ended without saying “${text}”:\n${this.stderr}`);
      await new Promise<void>((resolve) => this.#onOutput.push(resolve));
    }
  }

  #wake(): void {
    for (const resolve of this.#onOutput.splice(0)) resolve();
  }
}

/** Waits until a task is in a state; fails if it ends in another. */
export async function reaches(
  watched: AsyncIterable<{ readonly state: string }>,
  state: string,
): Promise<void> {
  const seen = [];
  for await (const task of watched) {
    if (task.state === state) return;
    seen.push(task.state);
  }
  throw new Error(`never ${state}, but ${seen.join(', ')}`);
}
