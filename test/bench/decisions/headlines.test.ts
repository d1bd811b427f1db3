import { describe, expect, it } from 'vitest';
import { reeve, SETTINGS } from '../../../bench/decisions/order/reeve.js';
import { type Figures, PRODUCT, type Scenario, verdictOn } from '../../../bench/decisions/scenario.js';
import { atLoad } from '../../../bench/decisions/scenarios/steady-mix.js';
import { entitled } from '../../../bench/decisions/scenarios/tenant-flood.js';
import { SCENARIOS } from '../../../bench/decisions/scenarios.js';
import { meanOf } from '../../../bench/decisions/statistics.js';
import { byBandAndScore } from '../../../src/domain/order/by-band-and-score.js';

const SEEDS = [1, 2, 3];

function scenario(id: string): Scenario {
  const found = SCENARIOS.find((one) => one.id === id);
  if (!found) throw new Error(`there is no ${id}`);
  return found;
}

const mean = (all: readonly Figures[], id: string) => meanOf(all.map((figures) => figures[id] ?? Number.NaN));

describe('the decisions that are measured', () => {
  it.each(['S1', 'S2', 'S3', 'S7'])('meet the targets of %s', (id) => {
    const { metrics, run } = scenario(id);
    const all = SEEDS.map((seed) => run(seed, PRODUCT));
    const missed = metrics.filter(({ id, goal }) => goal && verdictOn(mean(all, id), goal) === 'missed');
    expect(missed.map(({ id }) => [id, mean(all, id)])).toEqual([]);
  });

  it.each(['S1', 'S2', 'S3', 'S7'])('come to the same figures of %s each time', (id) => {
    const { run, policies } = scenario(id);
    for (const policy of policies.slice(0, 2)) expect(run(1, policy)).toEqual(run(1, policy));
    expect(run(2, PRODUCT)).not.toEqual(run(1, PRODUCT));
  });

  it('get worse when the last goes first', () => {
    for (const seed of SEEDS) {
      const asIs = atLoad(seed, 0.9, reeve());
      const reversed = atLoad(seed, 0.9, reeve({ ...SETTINGS, compare: (a, b) => byBandAndScore(b, a) }));
      expect(reversed.flow90).toBeGreaterThan((asIs.flow90 ?? 0) * 1.5);
    }
  });

  it('get worse without the duration term', () => {
    const terms = { ...SETTINGS.terms, capMs: 0 };
    const [asIs, without] = [reeve(), reeve({ ...SETTINGS, terms })].map((order) => atLoad(1, 0.9, order));
    expect(without?.slowdown90).toBeGreaterThan((asIs?.slowdown90 ?? 0) * 3);
  });
});

describe('what tenants are entitled to', () => {
  it('is what they ask for where there is enough', () => {
    expect(entitled([0.1, 0.2, 0.3])).toEqual([0.1, 0.2, 0.3]);
  });

  it('is an equal part of what those leave who ask for less', () => {
    const [much, some, little] = entitled([5, 0.9, 0.2]);
    expect(little).toBe(0.2);
    expect(much).toBeCloseTo(0.4);
    expect(some).toBeCloseTo(0.4);
  });
});
