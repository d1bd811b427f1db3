import { execFile, spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const TOOLS = fileURLToPath(new URL('../../.tools/bin', import.meta.url));
const env = { ...process.env, PATH: TOOLS + path.delimiter + process.env.PATH };

/** What a tool said, with its exit code. */
export interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a real tool, from `.tools/bin` or the system, to its end.
 *
 * @throws Error if there is none.
 */
export function runTool(tool: string, args: readonly string[]): Promise<Said> {
  return new Promise((resolve, reject) => {
    execFile(tool, args, { env, maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
      if (error?.code === 'ENOENT') reject(new Error(`There is no ${tool}; see CONTRIBUTING.md.`));
      else resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr });
    });
  });
}

/** What a tool writes to stdout, as it comes. Leaving the loop ends the tool. */
export async function* streamTool(
  tool: string,
  args: readonly string[],
  input: Uint8Array,
): AsyncGenerator<Buffer> {
  const child = spawn(tool, args, { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.once('error', (error) => child.stdout.destroy(error));
  child.stdin.end(input);
  try {
    for await (const chunk of child.stdout) yield chunk as Buffer;
  } finally {
    child.kill();
    await ended;
  }
}
