import { type Agent, agent, type Client, createClient, type HandlerContext } from '@reeve/sdk';
import { onTestFinished } from 'vitest';
import type { FleetProcess } from '../../support/fleet-process.js';
import { silent } from '../../support/steps.js';

/** How long a workflow may take on a busy machine. */
export const WAIT_MS = 50_000;
export type Work = (input: never, ctx: HandlerContext) => unknown;

/** An organisation of its own, with a client of each coordinator; agents are where they are asked for. */
export function setupOrg({ addresses }: Pick<FleetProcess, 'addresses'>, org: string) {
  const [here = '', there = ''] = addresses;
  const [a, b] = [here, there].map((address) => createClient({ address, org })) as [Client, Client];
  onTestFinished(() => {
    for (const client of [a, b]) client.close();
  });
  let count = 0;
  async function agentAt(at: 'here' | 'there', kinds: Readonly<Record<string, Work>>, slots = 20) {
    const address = at === 'here' ? here : there;
    count += 1;
    const it: Agent = agent({ agentId: `${org}-${count}`, address, org, slots, log: silent });
    for (const [kind, work] of Object.entries(kinds)) it.handle<never>(kind, work);
    onTestFinished(() => it.stop({ graceMs: 0 }));
    await it.start();
  }
  return { a, b, agentAt };
}

/** Opened once, by whoever has waited long enough. */
export function gate() {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}
