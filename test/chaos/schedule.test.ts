import { expect, it } from 'vitest';
import { FAULTS, type FaultName, type Need } from './faults.js';
import { inWords, planFaults, type Shape } from './schedule.js';

const HALF_AN_HOUR = 1_800_000;
const EVERYTHING: Shape = {
  coordinators: 3,
  agents: 3,
  has: new Set<Need>(['stores', 'disk', 'clocks', 'agents', 'storm']),
};

it('the same seed gives the same faults, another seed others', () => {
  const words = (seed: number) => planFaults(seed, 60_000, EVERYTHING).map(inWords);
  expect(words(1)).toEqual(words(1));
  expect(words(1)).not.toEqual(words(2));
});

it('half an hour has every fault, all over before the end, and none while its part has another', () => {
  const plan = planFaults(3, HALF_AN_HOUR, EVERYTHING);
  expect(new Set(plan.map(({ name }) => name))).toEqual(new Set(Object.keys(FAULTS)));
  const parts = groupByPart(plan);
  for (const faults of parts.values()) {
    for (const [i, { atMs, lastsMs }] of faults.entries()) {
      expect(atMs + lastsMs).toBeLessThan(faults[i + 1]?.atMs ?? HALF_AN_HOUR);
    }
  }
});

it('what there is not is not attacked', () => {
  const plan = planFaults(4, HALF_AN_HOUR, { coordinators: 1, agents: 0, has: new Set() });
  const names = new Set<FaultName>(plan.map(({ name }) => name));
  expect([...names].filter((name) => 'needs' in FAULTS[name])).toEqual([]);
  expect(new Set(plan.map(({ which }) => which))).toEqual(new Set([0]));
  expect(plan.some(({ link }) => link === 'redis' || link === 'postgres')).toBe(false);
});

function groupByPart<T extends { readonly part: string }>(plan: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const fault of plan) groups.set(fault.part, [...(groups.get(fault.part) ?? []), fault]);
  return groups;
}
