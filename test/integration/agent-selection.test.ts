import type { MessageInitShape } from '@bufbuild/protobuf';
import { type Agent, type AgentOptions, agent, createClient } from '@reeve/sdk';
import { type AgentFilterSchema, AgentService } from '@reeve/sdk/protocol';
import { afterEach, describe, expect, test } from 'vitest';
import type { Coordinator } from '../../src/coordinator.js';
import type { RawSettings } from '../../src/settings/resolve-settings.js';
import { connect, detailsOf, failureOf } from '../api/support/grpc-client.js';
import { openEmbedded } from '../support/embedded.js';

const { method } = AgentService;

describe('which agent gets a task', () => {
  let coordinator: Coordinator | undefined;
  const running: Agent[] = [];

  afterEach(async () => {
    await Promise.all(running.splice(0).map((a) => a.stop()));
    await coordinator?.stop();
    coordinator = undefined;
  });

  async function setup(settings: RawSettings = {}) {
    coordinator = await openEmbedded(settings);
    const { address } = coordinator;
    const client = createClient({ address });
    const raw = connect(address);
    return {
      client,
      raw,
      async start(agentId: string, handle: () => Promise<unknown>, options: AgentOptions = {}) {
        const worker = agent({ agentId, address, slots: 1, log: QUIET, ...options });
        worker.handle('work', handle);
        await worker.start();
        running.push(worker);
      },
      found: async (filter: MessageInitShape<typeof AgentFilterSchema>) =>
        (await raw.call(method.listAgents, { filter })).agents.map((a) => a.spec?.agentId),
    };
  }

  test('weights decide where the setting says so', async () => {
    const { client, start } = await setup({ 'load-balancing-strategy': 'WEIGHTED_ROUND_ROBIN' });
    await start('heavy', async () => 'heavy', { weight: 3, slots: 8 });
    await start('light', async () => 'light', { weight: 1, slots: 8 });
    const given: unknown[] = [];
    for (let i = 0; i < 16; i += 1) given.push(await client.run({ kind: 'work', input: i }));
    expect(given.filter((id) => id === 'heavy')).toHaveLength(12);
  });

  test('a task goes near the place it prefers, and says so when it is read', async () => {
    const { client, start } = await setup({ 'load-balancing-strategy': 'GEOGRAPHIC' });
    await start('berlin', async () => 'berlin', { location: { latitude: 52.5, longitude: 13.4 } });
    await start('sydney', async () => 'sydney', { location: { latitude: -33.9, longitude: 151.2 } });
    const prefer = { region: 'asia', location: { latitude: 35.7, longitude: 139.7 } };
    const task = await client.submit({ kind: 'work', input: 1, requirements: { prefer } });
    expect(await task.wait()).toBe('sydney');
    expect((await client.get(task.taskId)).requirements?.prefer).toEqual(prefer);
  });

  test('a retry goes to another agent', async () => {
    const { client, start } = await setup();
    const tried: string[] = [];
    const handler = (id: string) => async () => {
      tried.push(id);
      if (tried.length === 1) throw new Error('not today');
      return id;
    };
    await start('a', handler('a'));
    await start('b', handler('b'));
    await client.run({ kind: 'work', input: 1, retry: { initialBackoffMs: 10 } });
    expect([...tried].sort()).toEqual(['a', 'b']);
  });

  test('agents are found by health, load and region, together with everything else', async () => {
    const { client, raw, start, found } = await setup();
    let finish: () => void = () => undefined;
    let begun: () => void = () => undefined;
    const working = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const busy = async () => {
      begun();
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    };
    await start('busy', busy, { region: 'eu', slots: 1 });
    const task = await client.submit({ kind: 'work', input: 1 });
    await working;
    await start('free', async () => null, { region: 'eu', slots: 2, tags: ['gpu'] });
    await start('far', async () => null, { region: 'us', slots: 2, tags: ['gpu'] });
    await raw.call(method.registerAgent, { agent: { agentId: 'offline', region: 'eu' } });

    expect(await found({ region: 'eu' })).toEqual(['busy', 'free', 'offline']);
    expect(await found({ maxLoad: 0.5 })).toEqual(['far', 'free']);
    expect(await found({ maxLoad: 1, region: 'eu' })).toEqual(['busy', 'free']);
    expect(await found({ minHealth: 0.9, maxLoad: 0, region: 'us', tags: ['gpu'] })).toEqual(['far']);
    expect(await found({ minHealth: 0, capabilities: ['work'] })).toEqual(['busy', 'far', 'free']);

    const filter = { region: 'eu', minHealth: 0.5 };
    const { nextPageToken: pageToken } = await raw.call(method.listAgents, { filter, pageSize: 2 });
    const second = await raw.call(method.listAgents, { filter, pageToken });
    expect(second.agents.map((a) => a.spec?.agentId)).toEqual(['offline']);
    const another = { ...filter, minHealth: 0.4 };
    const other = await failureOf(raw.call(method.listAgents, { filter: another, pageToken }));
    expect(detailsOf(other).fields).toEqual(['page_token']);
    const wrong = await failureOf(raw.call(method.listAgents, { filter: { minHealth: 1.1, maxLoad: -1 } }));
    expect(detailsOf(wrong).fields).toEqual(['filter.min_health', 'filter.max_load']);
    finish();
    await task.wait();
  });

  test('a weight and a location are bounded, and are what is read back', async () => {
    const { raw } = await setup();
    const location = { latitude: 91, longitude: -181 };
    const bad = await failureOf(
      raw.call(method.registerAgent, { agent: { agentId: 'a', weight: -1, location } }),
    );
    expect([...detailsOf(bad).fields].sort()).toEqual([
      'agent.location.latitude',
      'agent.location.longitude',
      'agent.weight',
    ]);
    const good = { agentId: 'a', weight: 2.5, location: { latitude: -90, longitude: 180 } };
    await raw.call(method.registerAgent, { agent: good });
    expect((await raw.call(method.getAgent, { agentId: 'a' })).agent?.spec).toMatchObject(good);
  });
});

const silent = () => undefined;
const QUIET = { debug: silent, info: silent, warn: silent, error: silent };
