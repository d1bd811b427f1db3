import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));

export interface Coordinator {
  readonly address: string;
  readonly stop: () => Promise<void>;
}

/** A real coordinator process on a free port with an empty folder of its own. */
export async function startCoordinator(): Promise<Coordinator> {
  const data = await mkdtemp(path.join(tmpdir(), 'reeve-cli-'));
  const child = spawn(process.execPath, [MAIN, 'dev', '--port', '0', '--http-port', '0', '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const serving = once(createInterface({ input: child.stdout }), 'line');
  const [line] = await Promise.race([
    serving,
    exited.then(([code]) => Promise.reject(new Error(`the coordinator ended with ${code}`))),
  ]);
  const { address } = JSON.parse(String(line)) as { address: string };
  return {
    address,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      await rm(data, { recursive: true, force: true });
    },
  };
}
