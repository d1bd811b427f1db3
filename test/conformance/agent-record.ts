import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentEntry, AgentSpec } from '../../src/domain/agents/agent.js';
import type { AgentRecord } from '../../src/ports/agent-record.js';

export interface OpenedAgentRecord {
  readonly agents: AgentRecord;
  close(): Promise<void>;
}

const specOf = (agentId: string, rest: Partial<AgentSpec> = {}): AgentSpec => ({
  agentId,
  agentType: 'WORKER',
  capabilities: ['a', 'b'],
  services: [],
  tags: ['t'],
  endpoints: { http: 'http://localhost' },
  metadata: { ['__proto__']: 'inert' },
  version: '1.0',
  region: null,
  location: null,
  weight: null,
  ...rest,
});

/** What every record of agents must do. `open` is called once; tests live in orgs of their own. */
export function describeAgentRecord(name: string, open: () => Promise<OpenedAgentRecord>): void {
  describe(`the agent record on ${name}`, () => {
    let opened: OpenedAgentRecord | undefined;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());

    const setup = () => {
      if (!opened) throw new Error('the record is not open');
      const { agents } = opened;
      const org = `org-${randomUUID()}`;
      const register = async (spec: AgentSpec): Promise<AgentEntry> => {
        const [entry] = await agents.registerAgents([{ org, spec }]);
        if (!entry) throw new Error('not registered');
        return entry;
      };
      const get = async (agentId: string): Promise<AgentEntry | undefined> => {
        const [entry] = await agents.listAgents({ org, agentId: agentId.slice(0, -1) }, 1);
        return entry?.spec.agentId === agentId ? entry : undefined;
      };
      return { agents, org, register, get };
    };

    test('keeps what an agent says of itself', async () => {
      const { org, register, get } = setup();
      const spec = specOf('a1', { region: 'eu', agentType: 'PROVIDER' });
      const entry = await register(spec);

      expect(entry).toEqual({
        org,
        spec,
        intent: 'ACTIVE',
        registrationTime: expect.any(Number),
        lastHeartbeatTime: expect.any(Number),
        deregisterTime: null,
      });
      expect(await get('a1')).toEqual(entry);
    });

    test('registering again changes the spec and keeps time of registration and intent', async () => {
      const { agents, org, register, get } = setup();
      const first = await register(specOf('a1'));
      await agents.setAgentIntent(org, 'a1', 'DRAINING', 'bob');
      const second = await register(specOf('a1', { version: '2.0' }));

      expect(second).toMatchObject({
        registrationTime: first.registrationTime,
        intent: 'DRAINING',
        spec: { version: '2.0' },
      });
      expect(await get('a1')).toEqual(second);
    });

    test('answers in the order of the items, many callers at once', async () => {
      const { agents, org } = setup();
      const ids = Array.from({ length: 40 }, (_, i) => `a${(i * 7) % 40}`);
      const many = await agents.registerAgents(ids.map((id) => ({ org, spec: specOf(id) })));
      const single = await Promise.all(
        ids.map((id) => agents.registerAgents([{ org, spec: specOf(id, { version: id }) }])),
      );

      expect(many.map((entry) => entry.spec.agentId)).toEqual(ids);
      expect(single.map(([entry]) => entry?.spec.version)).toEqual(ids);
    });

    test('the same agent twice in one batch is one agent', async () => {
      const { agents, org } = setup();
      const entries = await agents.registerAgents([
        { org, spec: specOf('a1', { version: '1' }) },
        { org, spec: specOf('a1', { version: '2' }) },
      ]);

      expect(entries.map((entry) => entry.spec.version)).toEqual(['1', '2']);
      expect(await agents.listAgents({ org, agentId: '' }, 1)).toMatchObject([{ spec: { version: '2' } }]);
    });

    test('a deregistered agent is kept, and back when it registers again', async () => {
      const { agents, org, register, get } = setup();
      await register(specOf('a1'));
      await agents.setAgentIntent(org, 'a1', 'INACTIVE', 'bob');
      const gone = await agents.deregisterAgent(org, 'a1', 'bob', 'old');

      expect(gone?.deregisterTime).not.toBeNull();
      expect(await get('a1')).toEqual(gone);
      expect(await agents.deregisterAgent(org, 'a1', 'bob', 'again')).toEqual(gone);
      expect(await register(specOf('a1'))).toMatchObject({ intent: 'ACTIVE', deregisterTime: null });
    });

    test('the intent is set, the same again is no change', async () => {
      const { agents, org, register } = setup();
      await register(specOf('a1'));

      expect((await agents.setAgentIntent(org, 'a1', 'INACTIVE', 'bob'))?.intent).toBe('INACTIVE');
      expect((await agents.setAgentIntent(org, 'a1', 'INACTIVE', 'bob'))?.intent).toBe('INACTIVE');
      expect((await agents.setAgentIntent(org, 'a1', 'ACTIVE', 'bob'))?.intent).toBe('ACTIVE');
    });

    test('what the organisation does not have is null', async () => {
      const { agents, org, register } = setup();
      await register(specOf('a1'));

      expect(await agents.setAgentIntent(org, 'a2', 'ACTIVE', 'bob')).toBeNull();
      expect(await agents.setAgentIntent('another', 'a1', 'ACTIVE', 'bob')).toBeNull();
      expect(await agents.deregisterAgent('another', 'a1', 'bob', '')).toBeNull();
    });

    test('those asked for are answered with, as far as there are any', async () => {
      const { agents, org, register } = setup();
      const [a, b] = [await register(specOf('a1')), await register(specOf('a2'))];
      await register(specOf('a3'));
      const gone = await agents.deregisterAgent(org, 'a2', 'bob', 'old');
      const asked = [
        ...['a2', 'a9', 'a1'].map((agentId) => ({ org, agentId })),
        { org: 'another', agentId: 'a3' },
      ];
      const found = await agents.getAgents(asked);

      expect(b.deregisterTime).toBeNull();
      expect([...found].sort((x, y) => (x.spec.agentId < y.spec.agentId ? -1 : 1))).toEqual([a, gone]);
      expect(await agents.getAgents([])).toEqual([]);
    });

    test('heartbeats only move forward, those of strangers are ignored', async () => {
      const { agents, org, register, get } = setup();
      const { lastHeartbeatTime } = await register(specOf('a1'));
      await agents.touchAgents([
        { org, agentId: 'a1', time: lastHeartbeatTime + 5_000 },
        { org, agentId: 'a1', time: lastHeartbeatTime + 2_000 },
        { org, agentId: 'a2', time: lastHeartbeatTime },
      ]);
      await agents.touchAgents([{ org, agentId: 'a1', time: 1 }]);

      expect((await get('a1'))?.lastHeartbeatTime).toBe(lastHeartbeatTime + 5_000);
      expect(await get('a2')).toBeUndefined();
    });

    test('pages over all organisations by (org, agent id)', async () => {
      const worlds = [setup(), setup()];
      for (const { register } of worlds) for (const id of ['b', 'a', 'c']) await register(specOf(id));
      const { agents } = setup();
      const seen: string[] = [];
      for (let after: { org: string; agentId: string } | null = null; ; ) {
        const page: readonly AgentEntry[] = await agents.listAgents(after, 4);
        seen.push(...page.map((entry) => `${entry.org}/${entry.spec.agentId}`));
        const last = page.at(-1);
        if (!last) break;
        after = { org: last.org, agentId: last.spec.agentId };
      }

      expect(seen).toEqual([...seen].sort());
      for (const { org } of worlds) {
        expect(seen.filter((name) => name.startsWith(org))).toEqual([`${org}/a`, `${org}/b`, `${org}/c`]);
      }
    });
  });
}
