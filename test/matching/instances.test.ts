import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Condition, isEligible } from '../../src/domain/agents/eligibility.js';
import { KindRecord } from '../../src/domain/agents/kind-record.js';
import { byLoad } from '../../src/domain/selection/strategy.js';
import type { InstanceState } from '../../src/matching/instance-state.js';
import { Instances } from '../../src/matching/instances.js';
import type { Group } from '../../src/matching/lanes.js';
import { TrackRecord } from '../../src/matching/track-record.js';
import { agent, ORG, task } from '../conformance/ready-index-world.js';
import { FakeClock } from '../support/fake-clock.js';
import { SILENT } from '../support/pglite-record.js';

const MIN_HEALTH = 0.5;
const AGENTS = ['a', 'b', 'c', 'd'];
const KINDS = ['work', 'rest'];

/** Instances, guards, and what has been told of who is free. */
function setup(kindOf?: (org: string, kind: string) => KindRecord) {
  const clock = new FakeClock();
  const told = new Map<Group, number>();
  const track = new TrackRecord({
    clock,
    log: SILENT,
    onHoldsChanged: (kind) => instances.holdsChanged(kind),
  });
  const instances: Instances<never> = new Instances<never>({
    clock,
    minHealth: MIN_HEALTH,
    kindOf: kindOf ?? ((org, kind) => track.kind(org, kind)),
    onFreeChanged: (group) => told.set(group, group.free.size),
  });
  return { clock, told, track, instances };
}
type World = ReturnType<typeof setup>;

/** Who is free for a group, by what the words mean. */
function whoIsFree({ clock, instances }: World, { org, requirements, avoid, kind }: Group): InstanceState[] {
  const eligible = [...instances.connected(org)].filter((state) =>
    isEligible(state.spec, state.agent.condition, requirements, MIN_HEALTH),
  );
  const isKeptBack = ({ agentId }: InstanceState) =>
    agentId === avoid || kind.isHeld(agentId, clock.monotonic());
  const others = eligible.filter((state) => !isKeptBack(state));
  const mayServe = others.length > 0 ? others : eligible;
  return mayServe.filter((state) => state.granted > state.assigned);
}

const anAgent = fc.constantFrom(...AGENTS);
const aKind = fc.constantFrom(...KINDS);
const aSession = fc.record({ agentId: anAgent, n: fc.integer({ min: 1, max: 2 }) });
const step = fc.oneof(
  aSession.chain(({ agentId, n }) =>
    fc.record({
      what: fc.constant('put' as const),
      agentId: fc.constant(agentId),
      sessionId: fc.constant(`${agentId}${n}`),
      capabilities: fc.subarray(KINDS),
    }),
  ),
  aSession.chain(({ agentId, n }) =>
    fc.record({
      what: fc.constant('load' as const),
      sessionId: fc.constant(`${agentId}${n}`),
      inFlight: fc.nat(3),
      lastChosen: fc.nat(3),
    }),
  ),
  aSession.map(({ agentId, n }) => ({ what: 'drop' as const, sessionId: `${agentId}${n}` })),
  aSession.chain(({ agentId, n }) =>
    fc.record({
      what: fc.constant('credit' as const),
      sessionId: fc.constant(`${agentId}${n}`),
      credit: fc.integer({ min: 0, max: 1 }),
    }),
  ),
  fc.record({
    what: fc.constant('condition' as const),
    agentId: anAgent,
    health: fc.constantFrom(0.2, 0.8, 1),
    intent: fc.constantFrom<Condition['intent']>('ACTIVE', 'ACTIVE', 'DRAINING'),
  }),
  fc.record({
    what: fc.constant('attempt' as const),
    agentId: anAgent,
    kind: aKind,
    outcome: fc.constantFrom('SUCCEEDED' as const, 'FAILED' as const),
    times: fc.constantFrom(1, 3),
  }),
  fc.record({ what: fc.constant('chosen' as const), agentId: anAgent, kind: aKind }),
  fc.record({
    what: fc.constant('group' as const),
    kind: aKind,
    avoid: fc.option(anAgent),
    minHealth: fc.constantFrom(null, 0.9),
  }),
  fc.record({ what: fc.constant('spent' as const), nth: fc.nat(10) }),
  fc.record({
    what: fc.constant('time' as const),
    ms: fc.constantFrom(0, 500, 1_000, 2_000, 60_000, 700_000),
  }),
);
type Step = Parameters<Parameters<typeof step.map>[0]>[0];

let tasks = 0;
function carryOut({ clock, track, instances }: World, one: Step): void {
  switch (one.what) {
    case 'put': {
      const { agentId, sessionId, capabilities } = one;
      instances.put({ org: ORG, sessionId, spec: agent(agentId, { capabilities }), slots: 3, held: [] });
      break;
    }
    case 'drop':
      instances.drop(one.sessionId);
      break;
    case 'credit': {
      const state = instances.get(one.sessionId);
      if (!state) break;
      state.granted = state.assigned + one.credit;
      instances.loadChanged(state);
      break;
    }
    case 'load': {
      const state = instances.get(one.sessionId);
      if (!state) break;
      state.inFlight = one.inFlight;
      state.lastChosen = one.lastChosen;
      instances.loadChanged(state);
      break;
    }
    case 'condition':
      instances.setCondition(ORG, one.agentId, { health: one.health, intent: one.intent });
      break;
    case 'attempt': {
      const now = clock.monotonic();
      for (let i = 0; i < one.times; i++) {
        const { agentId, outcome } = one;
        const attempt = { taskId: `t${++tasks}`, agentId, outcome, began: now, ended: now };
        track.add([{ kind: track.kind(ORG, one.kind), attempt, affinity: null }]);
      }
      break;
    }
    case 'chosen':
      track.chosen(track.kind(ORG, one.kind), one.agentId);
      break;
    case 'group': {
      const { requirements } = task('t', {}, [one.kind]);
      const needs = { ...requirements, minHealth: one.minHealth };
      instances.group({ org: ORG, kind: one.kind, requirements: needs }, one.avoid);
      break;
    }
    case 'spent': {
      const group = [...instances.groups(ORG)][one.nth];
      if (group) instances.forgetIfSpent(group);
      break;
    }
    case 'time':
      clock.advance(one.ms);
      break;
  }
}

describe('who is free for a group of tasks', () => {
  it('is what it means, whatever happens in whatever order, and each change of it is told', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
        const world = setup();
        for (const one of steps) {
          carryOut(world, one);
          for (const group of world.instances.groups(ORG)) {
            expect(new Set(group.free)).toEqual(new Set(whoIsFree(world, group)));
            if (group.avoid === null) expect(world.told.get(group) ?? 0).toBe(group.free.size);
            // Of the others only whether there is anybody matters.
            expect((world.told.get(group) ?? 0) > 0).toBe(group.free.size > 0);
            expect(group.free.first(byLoad)).toBe([...group.free].sort(byLoad)[0] ?? null);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is found for one that comes or goes without a look at the others', () => {
    let asked = 0;
    class Counting extends KindRecord {
      override isHeld(agentId: string, now: number): boolean {
        asked += 1;
        return super.isHeld(agentId, now);
      }
    }
    const { instances } = setup((org, kind) => new Counting(org, kind));
    const group = instances.group(task('t'), 'a0');
    const put = (i: number) =>
      instances.put({ org: ORG, sessionId: `s${i}`, spec: agent(`a${i}`), slots: 3, held: [] });
    for (let i = 0; i < 1_000; i++) put(i);
    for (let i = 0; i < 1_000; i++) {
      instances.setCondition(ORG, `a${i}`, { health: 0.9, intent: 'ACTIVE' });
      instances.drop(`s${i}`);
      put(i);
    }
    expect(group.eligible.size).toBe(1_000);
    // Once for each of the 2,000 that came and the 1,000 whose condition has changed.
    expect(asked).toBeLessThanOrEqual(3_000);
  });
});
