import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A process that ends when this one does. What it says goes to a log file. */
export interface Child {
  readonly process: ChildProcess;
  /** The last of what it wrote on stderr. */
  lastWords(): string;
  /** SIGTERM, and SIGKILL if that does not end it in time. */
  stop(graceMs: number): Promise<void>;
}

const endWithParent = new URL('./end-with-parent.js', import.meta.url).href;

/**
 * @param stdout `read` leaves it to the caller
 */
export function spawnChild(
  script: URL,
  args: readonly string[],
  log: WriteStream,
  stdout: 'log' | 'read' = 'log',
): Child {
  const child = spawn(process.execPath, ['--import', endWithParent, fileURLToPath(script), ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A group of its own: Ctrl-C is for the parent, which stops its children in order.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  let words = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-4000);
    log.write(chunk);
  });
  if (stdout === 'log') child.stdout?.on('data', (chunk: Buffer) => log.write(chunk));
  return {
    process: child,
    lastWords: () => words.trim(),
    stop: async (graceMs) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const impatience = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(impatience);
    },
  };
}

export function openLog(file: string): WriteStream {
  return createWriteStream(file, { flags: 'a' });
}
