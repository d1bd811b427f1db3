import { randomUUID } from 'node:crypto';
import { type Agent, agent, type Client, createClient, ReeveError } from '@reeve/sdk';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { run } from '../cli/support/world.js';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';

/** Several processes, one after the other. */
const TIMEOUT_MS = 120_000;
/** By when what one coordinator has acknowledged holds at the other. */
const IN_FORCE_MS = 1_000;
const nothing = () => undefined;
const QUIET = { debug: nothing, info: nothing, warn: nothing, error: nothing };

let fleet: FleetProcess;
let clients: readonly [Client, Client];
let kind: string;
let worker: Agent;

beforeAll(async () => {
  fleet = await startFleet({ args: ['--insecure-open'] });
  const [one = '', other = ''] = fleet.addresses;
  clients = [createClient({ address: one }), createClient({ address: other })];
}, TIMEOUT_MS);
afterAll(async () => {
  for (const client of clients) client.close();
  await fleet.stop();
});
beforeEach(async () => {
  kind = `work-${randomUUID()}`;
  worker = agent({ agentId: `a-${kind}`, address: fleet.addresses[0] ?? '', slots: 1, log: QUIET });
  worker.handle(kind, async (input) => input);
  await worker.start();
});
afterEach(() => worker.stop({ graceMs: 0 }));

async function reeve(at: 0 | 1, ...argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(argv, { env: { REEVE_ADDRESS: fleet.addresses[at] ?? '' } });
  if (code !== 0) throw new Error(`reeve ${argv.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}

async function outcomeAt(at: 0 | 1): Promise<string> {
  try {
    const task = await clients[at].submit({ kind, goal: 'a goal' });
    return task.state === 'AWAITING_APPROVAL' ? task.state : 'ACCEPTED';
  } catch (error) {
    if (error instanceof ReeveError) return `${error.reason}: ${error.message}`;
    throw error;
  }
}

test('an approval policy holds at both coordinators within a second, and so does its next version', async () => {
  const policy = `gate-${kind}`;
  const rule = (text: string) => reeve(0, 'policy', 'put', policy, '--kind', 'approval', '--cel', text);
  await rule(`{'accepted': task.kind != '${kind}', 'reason': 'not on my watch'}`);
  await reeve(0, 'config', 'set', 'approval_policy', policy);
  expect(await outcomeAt(0)).toMatch(/REJECTED_BY_POLICY: .*not on my watch/);
  await expect.poll(() => outcomeAt(1), { timeout: IN_FORCE_MS, interval: 50 }).toMatch(/not on my watch/);

  await rule(`{'accepted': true, 'reason': 'changed my mind'}`);
  expect(await outcomeAt(0)).toBe('ACCEPTED');
  await expect.poll(() => outcomeAt(1), { timeout: IN_FORCE_MS, interval: 50 }).toBe('ACCEPTED');

  await rule(`{'accepted': false, 'needs_human': true, 'reason': 'ask somebody'}`);
  await expect.poll(() => outcomeAt(1), { timeout: IN_FORCE_MS, interval: 50 }).toBe('AWAITING_APPROVAL');

  await reeve(1, 'config', 'delete', 'approval_policy');
  await expect.poll(() => outcomeAt(0), { timeout: IN_FORCE_MS, interval: 50 }).toBe('ACCEPTED');
});

test('what waits for a person at one coordinator is approved at the other, and is done', async () => {
  const policy = `ask-${kind}`;
  await reeve(
    0,
    'policy',
    'put',
    policy,
    '--kind',
    'approval',
    '--cel',
    `{'accepted': false, 'needs_human': true}`,
  );
  const task = await clients[0].submit({ kind, input: 42, policies: { approval: policy } });
  expect(task.state).toBe('AWAITING_APPROVAL');
  expect(JSON.parse(await reeve(1, 'approval', 'list', '-o', 'json'))).toEqual(
    expect.arrayContaining([expect.objectContaining({ taskId: task.taskId })]),
  );
  await reeve(1, 'approval', 'approve', task.taskId, '--reason', 'go on');
  expect(await task.wait()).toBe(42);
});
