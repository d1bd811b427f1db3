import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const TOOLS = fileURLToPath(new URL('../../.tools/bin', import.meta.url));
const env = { ...process.env, PATH: TOOLS + path.delimiter + process.env.PATH };

/** What grpcurl said, with its exit code. */
export interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a real grpcurl without TLS and without any proto files: what it knows, it knows from
 * the server's reflection.
 *
 * @throws Error if there is no grpcurl.
 */
export function grpcurl(...args: readonly string[]): Promise<Said> {
  return new Promise((resolve, reject) => {
    const options = { env, maxBuffer: 16 << 20 };
    execFile('grpcurl', ['-plaintext', '-max-time', '20', ...args], options, (error, stdout, stderr) => {
      if (error?.code === 'ENOENT') {
        reject(new Error('There is no grpcurl. scripts/install-test-tools gets it.'));
      } else {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr });
      }
    });
  });
}

/** Calls a method with a JSON request and answers with its JSON response. */
export async function call(
  address: string,
  method: string,
  request: object = {},
): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await grpcurl('-d', JSON.stringify(request), address, method);
  if (code !== 0) throw new Error(`grpcurl ${method} ended with code ${code}: ${stderr}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}
