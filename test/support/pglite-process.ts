import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A process of its own that answers in lines; it ends with the test process. */
export interface LineProcess {
  readonly pid: number;
  /** The next line it printed; rejects with what it said to stderr if it ended. */
  nextLine(): Promise<string>;
  tell(line: string): void;
  /** SIGKILL; resolves when it is gone, with the lines nobody took. */
  kill(): Promise<string[]>;
}

/** Runs `test/support/<script>`. */
export function startLineProcess(script: string, args: readonly string[], cwd?: string): LineProcess {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [file, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(cwd !== undefined && { cwd }),
  });
  const { stdin, stdout, stderr, pid } = child;
  if (!stdin || !stdout || !stderr || !pid) throw new Error(`${script} did not start`);
  stdin.on('error', () => {});
  let said = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const closed = once(child, 'close');
  const lines: string[] = [];
  let wake = () => {};
  createInterface({ input: stdout }).on('line', (line) => {
    lines.push(line);
    wake();
  });
  let ended = false;
  void closed.then(() => {
    ended = true;
    wake();
  });
  return {
    pid,
    async nextLine() {
      for (;;) {
        const line = lines.shift();
        if (line !== undefined) return line;
        if (ended) throw new Error(`${script} has ended: ${said}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    tell(line) {
      stdin.write(`${line}\n`);
    },
    async kill() {
      child.kill('SIGKILL');
      await closed;
      return lines.splice(0);
    },
  };
}
