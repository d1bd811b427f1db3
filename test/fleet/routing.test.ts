import type { JsonValue } from '@bufbuild/protobuf';
import { fromJson } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { agent, createClient } from '@reeve/sdk';
import { ConfigService } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { connect } from '../api/support/grpc-client.js';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';

const TIMEOUT_MS = 120_000;
const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

let fleet: FleetProcess;
beforeAll(async () => {
  fleet = await startFleet();
}, TIMEOUT_MS);
afterAll(() => fleet.stop());

let orgs = 0;

/** An organisation of its own; its agents answer with their ids. */
function setup() {
  const org = `routing-${++orgs}`;
  const clients = fleet.addresses.map((address) => createClient({ address, org }));
  const raw = connect(fleet.addresses[0] ?? '');
  onTestFinished(() => {
    for (const client of clients) client.close();
    raw.client.close();
  });
  const [one, other] = clients;
  if (!one || !other) throw new Error('there are two');
  return {
    one,
    other,
    async set(key: string, value: JsonValue) {
      await raw.call(ConfigService.method.setConfig, { key, value: fromJson(ValueSchema, value) }, { org });
    },
    async start(agentId: string, at: number) {
      const it = agent({ agentId, address: fleet.addresses[at] ?? '', org, slots: 2, log: QUIET });
      it.handle('work', async () => agentId);
      await it.start();
      onTestFinished(() => it.stop({ graceMs: 100 }));
    },
  };
}

test('whoever is asked, the chosen agent gets the task wherever it is connected, by the rules of now', async () => {
  const { one, other, set, start } = setup();
  await one.policies.put({ policyId: 'plan', kind: 'PLAN_RETRIEVE', cel: '"b"' });
  for (const [agentId, at] of [
    ['a', 0],
    ['b', 1],
  ] as const)
    await start(agentId, at);
  const runs = () =>
    Promise.all(
      [one, other].map(async (client) => client.wait((await client.submit({ kind: 'work' })).taskId)),
    );
  await set('plan_retrieve_policy', 'plan');
  await set('agent_resolution_strategy', 'plan_retrieve');
  await expect.poll(runs).toEqual(['b', 'b']);
  await one.policies.put({ policyId: 'plan', kind: 'PLAN_RETRIEVE', cel: '"a"' });
  await expect.poll(runs).toEqual(['a', 'a']);
  await set('static_subject_id', 'b');
  await set('agent_resolution_strategy', 'static');
  await expect.poll(runs).toEqual(['b', 'b']);
});

test(
  'tasks that were to be planned by a coordinator that was killed are planned by the other',
  async () => {
    const { one, set, start } = setup();
    await one.policies.put({ policyId: 'plan', kind: 'PLAN_RETRIEVE', cel: 'candidates[0].agent_id' });
    await set('plan_retrieve_policy', 'plan');
    await set('agent_resolution_strategy', 'plan_retrieve');
    const added = await fleet.add();
    const doomed = createClient({ address: added.address, org: `routing-${orgs}` });
    onTestFinished(() => doomed.close());
    const { taskId } = await doomed.submit({ kind: 'work' });
    await added.kill();
    await start('a', 0);
    expect(await one.wait(taskId)).toBe('a');
    const types: string[] = [];
    for await (const { type } of one.events(taskId)) types.push(type);
    expect(types).toContain('ROUTED');
  },
  TIMEOUT_MS,
);
