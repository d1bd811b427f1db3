import { describe, expect, it } from 'vitest';
import { type AgentStep, createAgentWatchers } from '../../src/api/feeds/agent-watch.js';
import { MemoryFleet } from '../../src/memory/fleet.js';
import type { AgentRecord } from '../../src/ports/agent-record.js';
import type { AgentView, InstanceView } from '../../src/ports/fleet.js';
import { agent as specOf } from '../conformance/ready-index-world.js';
import { FakeClock } from '../support/fake-clock.js';

const RULES = { intervalMs: 15_000, windowIntervals: 10, staleAfterMs: 45_000 };

/** A fleet over a record that answers what it was told, and who is connected as the test says. */
function world() {
  const clock = new FakeClock();
  const instances = new Map<string, InstanceView>();
  const entries = new Map<string, AgentView['entry']>();
  const keep = (agentId: string, more: Partial<AgentView['entry']>) => {
    const now = clock.now();
    const first = { org: 'acme', spec: specOf(agentId), intent: 'ACTIVE' as const, registrationTime: now };
    const known = entries.get(agentId) ?? { ...first, lastHeartbeatTime: now, deregisterTime: null };
    const entry = { ...known, ...more };
    entries.set(agentId, entry);
    return entry;
  };
  const record: AgentRecord = {
    registerAgents: async (agents) =>
      agents.map(({ spec }) => keep(spec.agentId, { spec, deregisterTime: null })),
    deregisterAgent: async (_org, agentId) => keep(agentId, { deregisterTime: clock.now() }),
    setAgentIntent: async (_org, agentId, intent) => keep(agentId, { intent }),
    touchAgents: async () => {},
    listAgents: async () => [],
    getAgents: async () => [],
  };
  const fleet: MemoryFleet = new MemoryFleet({
    record,
    clock,
    rules: RULES,
    instancesOf: (_org, agentId) => [instances.get(agentId)].flatMap((i) => i ?? []),
    onCondition: () => {},
    onLoad: () => {},
    onChanged: (org, agentId) => watchers.changed(org, agentId),
  });
  const watchers = createAgentWatchers({ fleet, clock });
  const gone = new AbortController();
  return {
    ...{ clock, fleet, gone, watchers },
    register: (agentId: string, over: Parameters<typeof specOf>[1] = {}) =>
      fleet.register('acme', specOf(agentId, over)),
    /** How an agent's only process stands; `null`: it has gone. */
    process(agentId: string, over: Partial<InstanceView> | null) {
      const plain = {
        instanceKey: 'k',
        sessionId: `${agentId}-1`,
        connectTime: 0,
        slots: 2,
        inFlight: 0,
        draining: false,
      };
      if (over) instances.set(agentId, { ...plain, credit: 2, ...over });
      else instances.delete(agentId);
      watchers.changed('acme', agentId);
    },
    watch: (accept: (agent: AgentView) => boolean = ({ entry }) => entry.deregisterTime === null) =>
      watchers.watch('acme', accept, gone.signal),
  };
}

async function next(watch: AsyncGenerator<AgentStep>): Promise<AgentStep> {
  const { value, done } = await watch.next();
  if (done) throw new Error('the watch has ended');
  return value as AgentStep;
}

const told = ({ changes }: AgentStep) =>
  changes.map(
    ({ agent, left }) =>
      `${agent.entry.spec.agentId} ${agent.status} ${agent.inFlight}/${agent.slots}${left ? ' left' : ''}`,
  );

describe('a watch of agents', () => {
  it('begins with those there are, then tells who comes, changes, connects and goes', async () => {
    const { register, process, fleet, watch } = world();
    await register('a');
    const it = watch();
    expect(await next(it)).toMatchObject({ snapshot: true, snapshotComplete: true });
    await register('b');
    expect(told(await next(it))).toEqual(['b ACTIVE 0/0']);
    process('b', {});
    expect(told(await next(it))).toEqual(['b ACTIVE 0/2']);
    await fleet.setIntent('acme', 'a', 'DRAINING', 'somebody');
    expect(told(await next(it))).toEqual(['a DRAINING 0/0']);
    await register('a', { tags: ['new'] });
    expect((await next(it)).changes[0]?.agent.entry.spec.tags).toEqual(['new']);
    process('b', null);
    expect(told(await next(it))).toEqual(['b ACTIVE 0/0']);
    await fleet.deregister('acme', 'b', 'somebody', '');
    expect(told(await next(it))).toEqual(['b INACTIVE 0/0 left']);
  });

  it('tells of an agent that drains, has gone, and is heard of again', async () => {
    const { register, process, fleet, watch } = world();
    await register('a');
    process('a', {});
    const it = watch();
    await next(it);
    process('a', { draining: true });
    expect(told(await next(it))).toEqual(['a DRAINING 0/2']);
    fleet.left('acme', 'a');
    expect(fleet.get('acme', 'a')?.status).toBe('DRAINING');
    process('a', null);
    fleet.left('acme', 'a');
    expect(told(await next(it))).toEqual(['a INACTIVE 0/0']);
    fleet.heartbeat('acme', 'a', null);
    expect(told(await next(it))).toEqual(['a ACTIVE 0/0']);
  });

  it('tells of load and health of an agent at most once a second, as they are then', async () => {
    const { register, process, watch, clock } = world();
    await register('a');
    process('a', {});
    const it = watch();
    await next(it);
    const step = next(it);
    for (const inFlight of [1, 2, 0, 1, 2]) process('a', { inFlight });
    clock.advance(999);
    process('a', { inFlight: 1 });
    clock.advance(1);
    expect(told(await step)).toEqual(['a ACTIVE 1/2']);
    const second = next(it);
    process('a', { inFlight: 2 });
    await register('b');
    expect(told(await second)).toEqual(['b ACTIVE 0/0']);
    const third = next(it);
    clock.advance(1_000);
    expect(told(await third)).toEqual(['a BUSY 2/2']);
  });

  it('tells that an agent is stale once it has been silent for too long', async () => {
    const { register, watch, clock, fleet } = world();
    await register('a');
    const it = watch();
    await next(it);
    clock.advance(9_000);
    const step = next(it);
    for (let i = 0; i < 4; i++) {
      clock.advance(9_000 + 1);
      fleet.sweep();
    }
    clock.advance(RULES.staleAfterMs);
    fleet.sweep();
    const seen = told(await step);
    while (!seen.includes('a STALE 0/0')) seen.push(...told(await next(it)));
    expect(seen.at(-1)).toBe('a STALE 0/0');
  });

  it('tells once that an agent is none of those asked for any more, and when it is again', async () => {
    const { register, process, watch, clock } = world();
    await register('a');
    process('a', {});
    const it = watch(({ inFlight }) => inFlight === 0);
    expect(told(await next(it))).toEqual(['a ACTIVE 0/2']);
    clock.advance(1_000);
    process('a', { inFlight: 1 });
    expect(told(await next(it))).toEqual(['a ACTIVE 1/2 left']);
    const step = next(it);
    clock.advance(1_000);
    process('a', { inFlight: 2 });
    clock.advance(1_000);
    process('a', { inFlight: 0 });
    expect(told(await step)).toEqual(['a ACTIVE 0/2']);
  });

  it('gives a sign of life while nothing happens, and ends when it is told to', async () => {
    const { watch, clock, gone } = world();
    const it = watch();
    expect(await next(it)).toMatchObject({ changes: [], snapshotComplete: true });
    const step = next(it);
    clock.advance(10_000);
    expect(await step).toEqual({ changes: [], snapshot: false, snapshotComplete: false });
    const last = it.next();
    gone.abort();
    expect((await last).done).toBe(true);
  });
});
