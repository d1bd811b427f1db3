import { describe, expect, it } from 'vitest';
import { agent as specOf } from '../conformance/ready-index-world.js';
import { twoCoordinators } from './support/coordinators.js';
import { turns } from './support/work-probe.js';

const NO_LOAD = { cpu: null, memory: null, gpu: null, activeConnections: null, pendingTasks: null };

describe('heartbeats of agents that several coordinators hear', () => {
  it('count everywhere, wherever they come; the index is told by who heard the last', async () => {
    const { a, b, org, pass, conditions } = await twoCoordinators();
    await a.fleet.register(org, specOf('x'));
    await turns();
    conditions.length = 0;
    for (let i = 0; i < 6; i++) {
      await pass(15_000);
      b.fleet.heartbeat(org, 'x', { ...NO_LOAD, cpu: 0.5 });
    }
    await pass(1_000);
    for (const each of [a, b]) each.fleet.sweep();
    expect(a.agent('x')).toMatchObject({ status: 'ACTIVE', load: { cpu: 0.5 } });
    expect(a.agent('x')?.healthScore).toBeGreaterThan(0.8);
    expect(new Set(conditions.map((line) => line.split(' ')[0]))).toEqual(new Set(['b']));
    // Back at the first one: what that told long ago does not count as told.
    await pass(100_000);
    for (const each of [a, b]) each.fleet.sweep();
    expect(conditions.at(-1)).toBe('b x 0.0 ACTIVE');
    expect([a, b].map((each) => each.agent('x')?.status)).toEqual(['STALE', 'STALE']);
    a.fleet.connected(org, 'x');
    await pass(1_000);
    expect(conditions.at(-1)).toBe('a x 1.0 ACTIVE');
    expect(b.agent('x')).toMatchObject({ status: 'ACTIVE', healthScore: 1 });
  });

  it('count although a coordinator that could not hear of them tells the index what it thinks', async () => {
    const { a, b, org, pass, conditions } = await twoCoordinators();
    await a.stream().hello('x');
    await pass(1_000);
    // Frozen, or cut off: the agent has gone to `b`, which `a` does not know.
    a.relay.cutOff(true);
    await b.stream().hello('x');
    for (let i = 0; i < 5; i++) {
      await pass(15_000);
      b.fleet.heartbeat(org, 'x', null);
      b.fleet.sweep();
    }
    conditions.length = 0;
    a.fleet.sweep();
    await turns();
    // Who heard it last may be about to change.
    b.fleet.sweep();
    expect(conditions).toEqual(['a x 0.0 ACTIVE']);
    await pass(2_000);
    b.fleet.sweep();
    await turns();
    a.fleet.sweep();
    expect(conditions).toEqual(['a x 0.0 ACTIVE', 'b x 1.0 ACTIVE']);
    a.relay.cutOff(false);
    b.fleet.heartbeat(org, 'x', null);
    await pass(3_000);
    for (const each of [b, a, b, a]) each.fleet.sweep();
    expect(conditions.at(-1)).toBe('b x 1.0 ACTIVE');
  });

  it('do not tell the index of what another coordinator hears, but a changed intent is told at once', async () => {
    const { a, b, org, pass, conditions } = await twoCoordinators();
    await a.stream().hello('x');
    await pass(1_000);
    conditions.length = 0;
    await b.fleet.setIntent(org, 'x', 'INACTIVE', 'bob');
    expect(conditions).toEqual(['b x 1.0 INACTIVE']);
    await turns();
    expect(conditions).toEqual(['b x 1.0 INACTIVE', 'a x 1.0 INACTIVE']);
  });
});
