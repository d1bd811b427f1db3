import { randomUUID } from 'node:crypto';
import {
  type Agent,
  type AgentOptions,
  agent,
  type Client,
  createClient,
  type TaskRequest,
} from '@reeve/sdk';
import { AgentService } from '@reeve/sdk/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { connect } from '../api/support/grpc-client.js';
import { run } from '../cli/support/world.js';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';

/** Several processes, one after the other. */
const TIMEOUT_MS = 120_000;
const nothing = () => undefined;
const QUIET = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** What `reeve explain TASK -o json` says of who got a task. */
interface Explained {
  readonly text: string;
  readonly selection: {
    readonly agentId: string;
    readonly strategy: string;
    readonly measure: string;
    readonly cost: number;
    readonly runnerUpAgentId: string;
    readonly runnerUpCost: number;
  };
  readonly decisions: readonly {
    readonly kind: string;
    readonly policyId: string;
    readonly version: number;
  }[];
}

let fleet: FleetProcess;
let clients: readonly [Client, Client];
/** New for each test, so that no agent of another is in the way. */
let kind: string;
const running: Agent[] = [];

beforeAll(async () => {
  fleet = await startFleet({ args: ['--insecure-open'] });
  const [one = '', other = ''] = fleet.addresses;
  clients = [createClient({ address: one }), createClient({ address: other })];
}, TIMEOUT_MS);
afterAll(async () => {
  for (const client of clients) client.close();
  await fleet.stop();
});
beforeEach(() => {
  kind = `work-${randomUUID()}`;
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop({ graceMs: 0 })));
});

/** An agent at one of the two coordinators that answers with its id. */
async function start(at: 0 | 1, agentId: string, options: AgentOptions = {}): Promise<string> {
  const id = `${agentId}-${kind}`;
  const worker = agent({ agentId: id, address: fleet.addresses[at] ?? '', slots: 4, log: QUIET, ...options });
  worker.handle<{ holdUntil?: string } | null, string>(kind, async (input, ctx) => {
    if (input?.holdUntil) await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
    return id;
  });
  await worker.start();
  running.push(worker);
  return id;
}

/** By the command line, at the coordinator that does not get the submissions. */
async function reeve(...argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(argv, { env: { REEVE_ADDRESS: fleet.addresses[1] ?? '' } });
  if (code !== 0) throw new Error(`reeve ${argv.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}

async function give(request: Partial<TaskRequest> = {}): Promise<{ taskId: string; agentId: string }> {
  const { taskId } = await clients[0].submit({ kind, ...request });
  return { taskId, agentId: await clients[0].wait<string>(taskId) };
}

/**
 * Gives tasks until one goes to that agent by that strategy: what an agent grants, and what is set at the other
 * coordinator, is known a moment later.
 */
async function giveUntil(
  agentId: string,
  strategy: string,
  request: Partial<TaskRequest> = {},
): Promise<string> {
  let taskId = '';
  const given = async () => {
    ({ taskId } = await give(request));
    const { selection } = await explain(taskId);
    return `${selection.strategy} ${selection.agentId}`;
  };
  await expect.poll(given, { timeout: 10_000 }).toBe(`${strategy} ${agentId}`);
  return taskId;
}

async function explain(taskId: string): Promise<Explained> {
  return JSON.parse(await reeve('explain', taskId, '-o', 'json')) as Explained;
}

/** A task that keeps an agent busy until the agent is stopped. */
async function busy(agentId: string): Promise<void> {
  const { taskId } = await clients[0].submit({
    kind,
    input: { holdUntil: 'stopped' },
    requirements: { agentId },
  });
  for await (const { state } of clients[0].watch(taskId)) if (state === 'RUNNING') return;
}

test('LEAST_CONNECTIONS: the less loaded of two at different coordinators', async () => {
  const [a, b] = [await start(0, 'a'), await start(1, 'b')];
  await busy(a);
  const routing = { loadBalancing: 'LEAST_CONNECTIONS' } as const;
  const { selection, text } = await explain(await giveUntil(b, 'LEAST_CONNECTIONS', { routing }));
  expect(selection).toMatchObject({ cost: 0, runnerUpAgentId: a });
  expect(selection.runnerUpCost).toBeGreaterThanOrEqual(0.25);
  expect(text).toContain(b);
});

test('ROUND_ROBIN: who was chosen longest ago', async () => {
  const both = [await start(0, 'a'), await start(1, 'b')];
  const routing = { loadBalancing: 'ROUND_ROBIN' } as const;
  for (const one of both) await giveUntil(one, 'ROUND_ROBIN', { routing });
  const given = [];
  for (let i = 0; i < 4; i += 1) given.push(await give({ routing }));
  const ids = given.map(({ agentId }) => agentId);
  expect([...ids.slice(0, 2)].sort()).toEqual([...both].sort());
  expect(ids.slice(2)).toEqual(ids.slice(0, 2));
  const { selection } = await explain(given[3]?.taskId ?? '');
  expect(selection).toMatchObject({ strategy: 'ROUND_ROBIN', agentId: ids[3], runnerUpAgentId: ids[2] });
  expect(selection.cost).toBeLessThan(selection.runnerUpCost);
});

test('WEIGHTED_ROUND_ROBIN: by weight', async () => {
  const heavy = await start(0, 'heavy', { weight: 3 });
  const light = await start(1, 'light', { weight: 1 });
  await reeve('config', 'set', 'load_balancing_strategy', 'weighted_round_robin');
  await giveUntil(light, 'WEIGHTED_ROUND_ROBIN');
  const given = [];
  for (let i = 0; i < 8; i += 1) given.push(await give());
  await reeve('config', 'delete', 'load_balancing_strategy');
  expect(given.filter(({ agentId }) => agentId === heavy)).toHaveLength(6);
  const last = given.find(({ agentId }) => agentId === light);
  expect((await explain(last?.taskId ?? '')).selection).toMatchObject({
    strategy: 'WEIGHTED_ROUND_ROBIN',
    agentId: light,
  });
});

test('RESOURCE_BASED: who reports the most to spare', async () => {
  const [a, b] = [await start(0, 'a'), await start(1, 'b')];
  const heartbeats = fleet.addresses.map((address) => connect(address));
  const beat = (at: 0 | 1, agentId: string, cpu: number) =>
    heartbeats[at]?.call(AgentService.method.heartbeat, { agentId, load: { cpu, memory: cpu } });
  await Promise.all([beat(0, a, 0.9), beat(1, b, 0.1)]);
  const routing = { loadBalancing: 'RESOURCE_BASED' } as const;
  const taskId = await giveUntil(b, 'RESOURCE_BASED', { routing });
  const { selection } = await explain(taskId);
  expect(selection).toMatchObject({ strategy: 'RESOURCE_BASED', agentId: b, runnerUpAgentId: a });
  expect(selection.cost).toBeLessThan(selection.runnerUpCost);
});

test('GEOGRAPHIC: the nearest', async () => {
  const berlin = await start(0, 'berlin', { location: { latitude: 52.5, longitude: 13.4 } });
  const sydney = await start(1, 'sydney', { location: { latitude: -33.9, longitude: 151.2 } });
  const requirements = { prefer: { location: { latitude: 35.7, longitude: 139.7 } } };
  const taskId = await giveUntil(sydney, 'GEOGRAPHIC', {
    routing: { loadBalancing: 'GEOGRAPHIC' },
    requirements,
  });
  const { selection } = await explain(taskId);
  expect(selection).toMatchObject({ strategy: 'GEOGRAPHIC', runnerUpAgentId: berlin });
});

test('RANDOM: any, and it says so', async () => {
  await start(0, 'a');
  await start(1, 'b');
  const { taskId, agentId } = await give({ routing: { loadBalancing: 'RANDOM' } });
  expect((await explain(taskId)).selection).toMatchObject({ strategy: 'RANDOM', agentId });
});

test('SHORTEST_EXPECTED: who is likely done first', async () => {
  const [a, b] = [await start(0, 'a', { slots: 2 }), await start(1, 'b', { slots: 2 })];
  await busy(a);
  const taskId = await giveUntil(b, 'SHORTEST_EXPECTED', { routing: { loadBalancing: 'SHORTEST_EXPECTED' } });
  const { selection } = await explain(taskId);
  expect(selection).toMatchObject({ strategy: 'SHORTEST_EXPECTED', runnerUpAgentId: a });
  expect(selection.cost).toBeLessThan(selection.runnerUpCost);
});

test('AFFINITY: who did a task of the key, of another coordinator too', async () => {
  const a = await start(1, 'a');
  const affinityKey = `session-${kind}`;
  expect((await give({ affinityKey })).agentId).toBe(a);
  const b = await start(0, 'b');
  // Then the strategy would name the other.
  await busy(a);
  await giveUntil(b, 'LEAST_CONNECTIONS');
  // Planned by the coordinator that does not have its stream.
  const taskId = await giveUntil(a, 'AFFINITY', { affinityKey });
  expect((await explain(taskId)).selection).toMatchObject({ runnerUpAgentId: b });
  for (let i = 0; i < 4; i += 1) expect((await give({ affinityKey })).agentId).toBe(a);
});

test('an agent that the submitter names', async () => {
  const [, b] = [await start(0, 'a'), await start(1, 'b')];
  const { taskId, agentId } = await give({ requirements: { agentId: b } });
  expect(agentId).toBe(b);
  expect((await explain(taskId)).selection).toMatchObject({ strategy: 'ADDRESSED', agentId: b });
});

test('STATIC: the subject of the organisation, set while everything runs', async () => {
  const [a, b] = [await start(0, 'a'), await start(1, 'b')];
  await reeve('config', 'set', 'agent_resolution_strategy', 'static');
  for (const chosen of [b, a]) {
    await reeve('config', 'set', 'static_subject_id', JSON.stringify(chosen));
    const taskId = await giveUntil(chosen, 'STATIC');
    expect((await explain(taskId)).selection).toMatchObject({ strategy: 'STATIC', agentId: chosen });
  }
  await reeve('config', 'delete', 'static_subject_id');
  await reeve('config', 'delete', 'agent_resolution_strategy');
});

test('STATIC: whoever holds a role', async () => {
  const [, b] = [await start(0, 'a'), await start(1, 'b')];
  const role = `reviewer-${kind}`;
  await reeve('role', 'put', role);
  await reeve('subject', 'put', b, '--role', role);
  for (let i = 0; i < 4; i += 1) {
    const { taskId, agentId } = await give({ routing: { strategy: 'STATIC', staticRoleId: role } });
    expect(agentId).toBe(b);
    expect((await explain(taskId)).selection).toMatchObject({ agentId: b });
  }
});

test('PLAN_RETRIEVE: whom a policy names, and by which version', async () => {
  const [a, b] = [await start(0, 'a'), await start(1, 'b')];
  const policy = `plan-${kind}`;
  for (const [version, chosen] of [b, a].entries()) {
    await reeve('policy', 'put', policy, '--kind', 'plan_retrieve', '--cel', `'${chosen}'`);
    const routing = { strategy: 'PLAN_RETRIEVE' } as const;
    const taskId = await giveUntil(chosen, 'PLAN_RETRIEVE', { routing, policies: { planRetrieve: policy } });
    const { selection, decisions } = await explain(taskId);
    expect(selection).toMatchObject({ strategy: 'PLAN_RETRIEVE', agentId: chosen });
    expect(decisions).toEqual([
      expect.objectContaining({ kind: 'PLAN_RETRIEVE', policyId: policy, version: version + 1 }),
    ]);
  }
});
