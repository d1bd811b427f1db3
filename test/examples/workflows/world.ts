import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@reeve/sdk';
import { afterAll, beforeAll } from 'vitest';
import { type Ran, run } from '../../cli/support/world.js';
import { DATA } from './expected.js';

const AGENT = fileURLToPath(new URL('../../../dist/examples/workflows/agent.js', import.meta.url));
export const fileOf = (name: string) =>
  fileURLToPath(new URL(`../../../examples/workflows/${name}`, import.meta.url));

/** A coordinator, or several that share all there is. */
export interface Place {
  readonly addresses: readonly string[];
  stop(): Promise<unknown>;
}

export interface Run extends Ran {
  /** The workflow in the end, with its context. */
  readonly ended: { readonly workflowId: string; readonly state: string; readonly context: object };
}

/**
 * For the tests of a file: at each coordinator the examples' agent as a process of its own, and the command line.
 * Workflows are started at the first one; all else is asked of the last.
 */
export function setup(open: () => Promise<Place>) {
  let place: Place | undefined;
  let client: Client;
  let agents: readonly ChildProcess[] = [];
  const addresses = () => place?.addresses ?? [];
  const last = () => addresses().at(-1) ?? '';
  beforeAll(async () => {
    place = await open();
    client = createClient({ address: last() });
    agents = addresses().map((address) => {
      const env = { ...process.env, REEVE_ADDRESS: address };
      return spawn(process.execPath, [AGENT, '--root', DATA], { env, stdio: 'ignore' });
    });
  });
  afterAll(async () => {
    for (const agent of agents) agent.kill('SIGKILL');
    client?.close();
    await place?.stop();
  });
  const reeveAt = (address: string, ...argv: readonly string[]) =>
    run(argv, { env: { REEVE_ADDRESS: address } });
  const reeve = (...argv: readonly string[]) => reeveAt(last(), ...argv);
  return {
    client: () => client,
    reeve,
    /** The same at one coordinator after the other. */
    async everywhere(...argv: readonly string[]): Promise<readonly Ran[]> {
      const ran: Ran[] = [];
      for (const address of addresses()) ran.push(await reeveAt(address, ...argv));
      return ran;
    },
    /** Starts one of the examples and waits for its end, elsewhere if there is somewhere else. */
    async start(name: string, ...more: readonly string[]): Promise<Run> {
      const [first = ''] = addresses();
      const wait = ['--wait', '--timeout', '50s'];
      const isOne = first === last();
      const how = isOne ? wait : ['--output', 'name'];
      const started = await reeveAt(first, 'workflow', 'start', fileOf(name), ...more, ...how);
      if (started.stdout === '') throw new Error(`${name} was not started: ${started.stderr}`);
      if (isOne) return { ...started, ended: JSON.parse(started.stdout) };
      const id = started.stdout.trim();
      const watched = await reeve('workflow', 'watch', id, '--timeout', '50s');
      const { stdout } = await reeve('workflow', 'get', id, '--full');
      return { ...watched, ended: JSON.parse(stdout) };
    },
  };
}
