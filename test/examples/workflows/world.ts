import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@reeve/sdk';
import { afterAll, beforeAll } from 'vitest';
import type { EmbeddedCoordinator } from '../../../src/embedded.js';
import { type Ran, run } from '../../cli/support/world.js';
import { openEmbedded } from '../../support/embedded.js';
import { DATA } from './expected.js';

const AGENT = fileURLToPath(new URL('../../../dist/examples/workflows/agent.js', import.meta.url));
export const fileOf = (name: string) =>
  fileURLToPath(new URL(`../../../examples/workflows/${name}`, import.meta.url));

export interface Run extends Ran {
  /** What the command has written, read as JSON. */
  readonly ended: { readonly workflowId: string; readonly state: string; readonly context: object };
}

/** For the tests of a file: an embedded coordinator, the examples' agent as a process of its own, and the command line. */
export function setup() {
  let coordinator: EmbeddedCoordinator;
  let client: Client;
  let agent: ChildProcess;
  beforeAll(async () => {
    coordinator = await openEmbedded();
    const { address } = coordinator;
    client = createClient({ address });
    const env = { ...process.env, REEVE_ADDRESS: address };
    agent = spawn(process.execPath, [AGENT, '--root', DATA], { env, stdio: 'ignore' });
  });
  afterAll(async () => {
    agent?.kill('SIGKILL');
    client?.close();
    await coordinator?.stop();
  });
  const reeve = (...argv: readonly string[]) => run(argv, { env: { REEVE_ADDRESS: coordinator.address } });
  return {
    client: () => client,
    reeve,
    /** Starts one of the examples and waits for its end. */
    async start(name: string, ...more: readonly string[]): Promise<Run> {
      const ran = await reeve('workflow', 'start', fileOf(name), '--wait', '--timeout', '50s', ...more);
      if (ran.stdout === '') throw new Error(`${name} was not started: ${ran.stderr}`);
      return { ...ran, ended: JSON.parse(ran.stdout) };
    },
  };
}
