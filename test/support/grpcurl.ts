import { runTool, type Said } from './tools.js';

/**
 * Runs a real grpcurl without TLS and without any proto files: what it knows, it knows from
 * the server's reflection.
 *
 * @throws Error if there is no grpcurl.
 */
export function grpcurl(...args: readonly string[]): Promise<Said> {
  return runTool('grpcurl', ['-plaintext', '-max-time', '20', ...args]);
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
