import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@reeve/sdk';
import { onTestFinished } from 'vitest';
import { type Ran, run } from '../../cli/support/world.js';
import { openEmbedded } from '../../support/embedded.js';
import { ExampleProcess } from '../../support/example-process.js';
import { DATA } from './expected.js';

const AGENT = fileURLToPath(new URL('../../../dist/examples/workflows/agent.js', import.meta.url));
export const fileOf = (name: string) =>
  fileURLToPath(new URL(`../../../examples/workflows/${name}`, import.meta.url));

export interface Run extends Ran {
  /** What the command has written, read as JSON. */
  readonly ended: {
    readonly workflowId: string;
    readonly state: string;
    readonly context: Record<string, never>;
  };
}

/** An embedded coordinator, the examples' agent as a process of its own, and the command line. */
export async function setup() {
  const coordinator = await openEmbedded();
  onTestFinished(() => coordinator.stop());
  const { address } = coordinator;
  const client: Client = createClient({ address });
  onTestFinished(() => client.close());
  new ExampleProcess(process.execPath, [AGENT, '--root', DATA], { ...process.env, REEVE_ADDRESS: address });
  const reeve = (...argv: readonly string[]) => run(argv, { env: { REEVE_ADDRESS: address } });
  return {
    client,
    reeve,
    /** Starts one of the examples and waits for its end. */
    async start(name: string, ...more: readonly string[]): Promise<Run> {
      const ran = await reeve('workflow', 'start', fileOf(name), '--wait', '--timeout', '50s', ...more);
      if (ran.stdout === '') throw new Error(`${name} was not started: ${ran.stderr}`);
      return { ...ran, ended: JSON.parse(ran.stdout) };
    },
  };
}
