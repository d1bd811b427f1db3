import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { haversine, type Location } from '../../src/domain/agents/location.js';
import { type Measured, UNMEASURED } from '../../src/domain/agents/track-record.js';
import { STRATEGIES } from '../../src/domain/selection/strategies.js';
import type { Candidate, Situation } from '../../src/domain/selection/strategy.js';
import type { StrategyName } from '../../src/domain/selection/strategy-name.js';
import { candidatesOf } from '../support/candidates.js';
import { seededRandom } from '../support/seeded-random.js';

type State = Candidate & { inFlight: number; lastChosen: number };

const NAMES = Object.keys(STRATEGIES) as StrategyName[];
const NOWHERE = { prefer: null };
const NOTHING = { cpu: null, memory: null, gpu: null, activeConnections: null, pendingTasks: null };

function candidate(agentId: string, over: Partial<State> = {}): State {
  return {
    agentId,
    sessionId: `session of ${agentId}`,
    spec: { weight: null, region: null, location: null },
    slots: 10,
    inFlight: 0,
    since: 0,
    lastChosen: 0,
    agent: { report: null },
    ...over,
  };
}

function situation(over: Partial<Situation> & { seed?: number } = {}): Situation {
  const random = seededRandom(over.seed ?? 1);
  return { now: 1_000_000, random, turns: new Map(), measured: () => UNMEASURED, ...over };
}

/** Who gets each of `n` tasks that end at once, with what choices change carried on. */
function run(name: StrategyName, candidates: readonly State[], n: number, s = situation()): string[] {
  return Array.from({ length: n }, (_, i) => {
    const chosen = STRATEGIES[name](NOWHERE, candidatesOf(candidates), s);
    if (chosen) chosen.lastChosen = i + 1;
    return chosen?.agentId ?? '';
  });
}

const count = (ids: readonly string[], id: string) => ids.filter((other) => other === id).length;
const named = (n: number) => Array.from({ length: n }, (_, i) => `a${i}`);

const anyCandidate = fc.record({
  slots: fc.integer({ min: 1, max: 20 }),
  inFlight: fc.nat(20),
  lastChosen: fc.nat(5),
  since: fc.constantFrom(0, 990_000, 1_000_000),
  weight: fc.option(fc.double({ min: 0, max: 1_000, noNaN: true })),
  region: fc.constantFrom(null, 'eu', 'us'),
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  cpu: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  speed: fc.double({ min: 1 / 16, max: 16, noNaN: true }),
  successRate: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe.each(NAMES)('%s', (name) => {
  test('chooses one of the candidates, whatever they are; none of none', () => {
    fc.assert(
      fc.property(
        fc.array(anyCandidate, { maxLength: 12 }),
        fc.nat(),
        fc.boolean(),
        (facts, seed, placed) => {
          const candidates = facts.map((f, i) =>
            candidate(`a${i}`, {
              slots: f.slots,
              inFlight: f.inFlight,
              lastChosen: f.lastChosen,
              since: f.since,
              spec: { weight: f.weight, region: f.region, location: { latitude: f.latitude, longitude: 0 } },
              agent: { report: { load: { ...NOTHING, cpu: f.cpu }, until: 1_000_000 } },
            }),
          );
          const measured = (id: string): Measured => {
            const { speed, successRate } = facts[Number(id.slice(1))] ?? UNMEASURED;
            return { attempts: 3, speed, successRate };
          };
          const prefer = placed ? { region: 'eu', location: { latitude: 1, longitude: 1 } } : null;
          const chosen = STRATEGIES[name](
            { prefer },
            candidatesOf(candidates),
            situation({ seed, measured }),
          );
          if (facts.length === 0) expect(chosen).toBeNull();
          else expect(candidates).toContain(chosen);
          if (name === 'RANDOM') return;
          // Not a matter of the order in which the candidates come.
          const again = STRATEGIES[name](
            { prefer },
            candidatesOf([...candidates].reverse()),
            situation({ seed, measured }),
          );
          expect(again).toBe(chosen);
        },
      ),
    );
  });

  test('equal agents get equal shares', () => {
    const agents = named(5).map((id) => candidate(id));
    const given = run(name, agents, 5_000);
    const most = name === 'RANDOM' ? 1_100 : 1_000;
    for (const { agentId } of agents) expect(count(given, agentId)).toBeLessThanOrEqual(most);
  });

  test('equal states and seeds choose alike', () => {
    const choices = () =>
      run(
        name,
        named(7).map((id) => candidate(id)),
        200,
        situation({ seed: 5 }),
      );
    expect(choices()).toEqual(choices());
  });
});

test('least connections takes the least loaded share, then who waited longest, then the id', () => {
  const choose = (...of: readonly State[]) =>
    STRATEGIES.LEAST_CONNECTIONS(NOWHERE, candidatesOf(of), situation())?.agentId;
  expect(choose(candidate('a', { inFlight: 2, slots: 4 }), candidate('b', { inFlight: 2 }))).toBe('b');
  expect(choose(candidate('a', { slots: 1, lastChosen: 7 }), candidate('b', { lastChosen: 3 }))).toBe('b');
  expect(choose(candidate('b', { slots: 1 }), candidate('a', { slots: 1 }))).toBe('a');
});

test('round robin goes round, however loaded they are', () => {
  const agents = [candidate('a', { inFlight: 9 }), candidate('b'), candidate('c', { inFlight: 5 })];
  expect(run('ROUND_ROBIN', agents, 7).join('')).toBe('bcabcab');
});

test('weighted round robin is smooth: weights 5, 1, 1 give a a b a c a a', () => {
  const agents = [5, 1, 1].map((weight, i) =>
    candidate('abc'[i] ?? '', { spec: { weight, region: null, location: null } }),
  );
  expect(run('WEIGHTED_ROUND_ROBIN', agents, 14).join('')).toBe('aabacaaaabacaa');
});

test('weighted round robin gives shares by weight, never further off than one task', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(weights, (all) => {
      const agents = all.map((weight, i) =>
        candidate(`a${i}`, { spec: { weight, region: null, location: null } }),
      );
      const total = all.reduce((a, b) => a + b, 0);
      const given = run('WEIGHTED_ROUND_ROBIN', agents, 2 * total);
      all.forEach((weight, i) => {
        expect(count(given, `a${i}`)).toBe(2 * weight);
        const half = count(given.slice(0, Math.floor(total / 2)), `a${i}`);
        expect(Math.abs(half - (weight * Math.floor(total / 2)) / total)).toBeLessThan(all.length);
      });
    }),
  );
});

test('weighted round robin goes by measured speed × success rate where no weight is declared', () => {
  const measured = (id: string): Measured => ({ attempts: 50, speed: id === 'a' ? 4 : 1, successRate: 0.5 });
  const given = run('WEIGHTED_ROUND_ROBIN', [candidate('a'), candidate('b')], 100, situation({ measured }));
  expect(count(given, 'a')).toBe(80);
});

test('resource based takes the machine with most to spare; what is unreported or old is neutral', () => {
  const at = (
    agentId: string,
    load: Partial<typeof NOTHING | { cpu: number; memory: number }>,
    until: number,
  ) => candidate(agentId, { agent: { report: { load: { ...NOTHING, ...load }, until } } });
  const choose = (...of: readonly State[]) =>
    STRATEGIES.RESOURCE_BASED(NOWHERE, candidatesOf(of), situation())?.agentId;
  expect(choose(at('a', { cpu: 0.6 }, 1_000_000), candidate('b'), at('c', { cpu: 0.4 }, 1_000_000))).toBe(
    'c',
  );
  expect(choose(at('a', { cpu: 0.6 }, 1_000_000), candidate('b'), at('c', { cpu: 0.4 }, 999_999))).toBe('b');
  expect(choose(at('a', { cpu: 0.1, memory: 0.9 }, 1e9), at('b', { cpu: 0.4, memory: 0.4 }, 1e9))).toBe('b');
});

test('resource based does not send everything to one agent until its next report', () => {
  const agents = [0.2, 0.3].map((cpu, i) =>
    candidate(`a${i}`, { agent: { report: { load: { ...NOTHING, cpu }, until: 1e9 } } }),
  );
  const s = situation();
  for (let i = 0; i < 10; i += 1) {
    const chosen = STRATEGIES.RESOURCE_BASED(NOWHERE, candidatesOf(agents), s);
    if (chosen) chosen.inFlight += 1;
  }
  expect(agents.map((a) => a.inFlight)).toEqual([5, 5]);
});

const distanceKm = (a: Location, b: Location) => 2 * 6_371 * Math.asin(Math.sqrt(haversine(a, b)));

test('geographic takes the region, then the nearest, then the least loaded', () => {
  const [berlin, paris, tokyo] = [
    { latitude: 52.5, longitude: 13.4 },
    { latitude: 48.9, longitude: 2.3 },
    { latitude: 35.7, longitude: 139.7 },
  ] as const;
  const at = (id: string, region: string | null, location: Location | null, inFlight = 0) =>
    candidate(id, { spec: { weight: null, region, location }, inFlight });
  const choose = (prefer: { region: string | null; location: Location | null }, ...of: readonly State[]) =>
    STRATEGIES.GEOGRAPHIC({ prefer }, candidatesOf(of), situation())?.agentId;
  const fleet = [at('tokyo', 'asia', tokyo), at('berlin', 'eu', berlin, 5), at('nowhere', null, null)];
  expect(choose({ region: null, location: paris }, ...fleet)).toBe('berlin');
  expect(choose({ region: 'asia', location: paris }, ...fleet)).toBe('tokyo');
  expect(choose({ region: 'eu', location: null }, ...fleet, at('calm', 'eu', null))).toBe('calm');
  expect(choose({ region: 'moon', location: null }, ...fleet)).toBe('nowhere');
  expect(distanceKm(berlin, paris)).toBeCloseTo(877, -1.5);
  expect(distanceKm({ latitude: 0, longitude: 179.5 }, { latitude: 0, longitude: -179.5 })).toBeCloseTo(
    111,
    0,
  );
});

test('random is spread evenly and differs by seed', () => {
  const agents = named(4).map((id) => candidate(id));
  const given = run('RANDOM', agents, 8_000, situation({ seed: 3 }));
  for (const { agentId } of agents) expect(Math.abs(count(given, agentId) - 2_000)).toBeLessThan(150);
  expect(run('RANDOM', agents, 50, situation({ seed: 4 }))).not.toEqual(given.slice(0, 50));
});

test('shortest expected weighs speed and success, and a quarter of the load', () => {
  const speeds: Readonly<Record<string, number>> = { fast: 3, brisk: 1.2 };
  const measured = (id: string): Measured => ({
    attempts: 100,
    speed: speeds[id] ?? 1,
    successRate: id === 'flaky' ? 0.4 : 1,
  });
  const choose = (...of: readonly State[]) =>
    STRATEGIES.SHORTEST_EXPECTED(NOWHERE, candidatesOf(of), situation({ measured }))?.agentId;
  expect(choose(candidate('fast', { inFlight: 8 }), candidate('slow'))).toBe('fast');
  expect(choose(candidate('brisk', { inFlight: 7 }), candidate('slow'))).toBe('brisk');
  expect(choose(candidate('brisk', { inFlight: 8, slots: 9 }), candidate('slow'))).toBe('slow');
  expect(choose(candidate('flaky'), candidate('slow', { inFlight: 8 }))).toBe('slow');
  expect(choose(candidate('a', { inFlight: 3, slots: 4 }), candidate('b', { inFlight: 5 }))).toBe('b');
});

test('shortest expected starts slowly with new agents, and leaves hot ones out', () => {
  const fresh = candidate('fresh', { since: 1_000_000 });
  const known = (id: string) => ({ ...UNMEASURED, attempts: id === 'known' ? 100 : 0 });
  const choose = (...of: readonly State[]) =>
    STRATEGIES.SHORTEST_EXPECTED(NOWHERE, candidatesOf(of), situation({ measured: known }))?.agentId;
  expect(choose(fresh, candidate('known', { inFlight: 8 }))).toBe('known');
  expect(choose(candidate('fresh', { since: 940_000 }), candidate('known', { inFlight: 8 }))).toBe('fresh');
  const hot = { report: { load: { ...NOTHING, cpu: 0.95 }, until: 1e9 } };
  expect(choose(candidate('known', { agent: hot }), candidate('cool', { inFlight: 8 }))).toBe('cool');
  expect(choose(candidate('known', { inFlight: 9 }), candidate('cool', { inFlight: 5, slots: 6 }))).toBe(
    'cool',
  );
  const both = [
    candidate('known', { agent: hot, inFlight: 2 }),
    candidate('cool', { agent: hot, inFlight: 1 }),
  ];
  expect(choose(...both)).toBe('cool');
});
