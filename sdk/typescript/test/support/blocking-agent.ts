import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../../../../test/support/temporary-folder.js';

const PROGRAM = `
  import { existsSync } from 'node:fs';
  import { setTimeout } from 'node:timers/promises';
  import { agent } from '@reeve/sdk';

  const worker = agent(JSON.parse(process.env.AGENT));
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  worker.handle(process.env.KIND, async (_, ctx) => {
    while (!existsSync(process.env.RELEASE)) Atomics.wait(nothing, 0, 0, 10);
    await setTimeout(1); // what is due by now is done first
    return { aborted: ctx.signal.aborted };
  });
  await worker.run();
`;

/** An agent in a process of its own, whose handler of `kind` blocks the event loop. */
export interface BlockingAgent {
  readonly kind: string;
  /** Lets the handler, and all to come, go on. */
  release(): void;
  /** Asks it to stop; resolves with its exit code. */
  stop(): Promise<number | null>;
}

/** Starts one; it ends with the test at the latest. */
export function startBlockingAgent(options: {
  address: string;
  agentId: string;
  slots?: number;
  renewWhileBlocked?: boolean;
  stallCapMs?: number;
}): BlockingAgent {
  const release = path.join(temporaryFolder('blocking'), 'release');
  const kind = `block.${options.agentId}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
    env: { ...process.env, AGENT: JSON.stringify(options), KIND: kind, RELEASE: release },
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  return {
    kind,
    release: () => writeFileSync(release, ''),
    async stop() {
      child.kill('SIGTERM');
      return (await exited)[0];
    },
  };
}
