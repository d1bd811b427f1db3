import { describe, expect, it } from 'vitest';
import { measure, resultOf } from '../../../bench/decisions/measure.js';
import { replaced } from '../../../bench/decisions/report/document.js';
import { figure } from '../../../bench/decisions/report/figure.js';
import { json } from '../../../bench/decisions/report/json.js';
import { picture } from '../../../bench/decisions/report/picture.js';
import { table } from '../../../bench/decisions/report/table.js';
import { around, atLeast, atMost, type Scenario, verdictOn } from '../../../bench/decisions/scenario.js';

const SCENARIO: Scenario = {
  id: 'S0',
  title: 'Waits & sees',
  about: 'Nothing much.',
  policies: ['Reeve', 'other', 'alike'],
  metrics: [
    { id: 'flow', title: 'flow', unit: 'times', goal: atMost(2, 1) },
    { id: 'wait', title: 'wait <all>', unit: 'ms' },
  ],
  run: (seed, policy) => ({
    flow: seed / 10 + { Reeve: 1, other: 3 + seed / 50, alike: seed % 2 ? 1.01 : 0.99 }[policy as 'Reeve'],
    wait: 90_000 * seed,
  }),
};

describe('the report', () => {
  it('has a line a metric and a column a policy, with differences pair by pair', () => {
    const seen: string[] = [];
    const lines = table(measure(SCENARIO, 4, (seed, policy) => seen.push(`${seed} ${policy}`))).split('\n');
    expect(lines[0]).toBe('|  | Reeve | other | alike | target (stretch) |  |');
    expect(lines[2]).toBe(
      '| flow | **1.25 ± 0.21** | 3.30 (+2.05 ± 0.04) | 1.25 (≈) | ≤ 2.00 (1.00) | met |',
    );
    expect(seen).toHaveLength(12);
    expect(seen.slice(0, 4)).toEqual(['1 Reeve', '1 other', '1 alike', '2 Reeve']);
  });

  it('writes all figures as JSON, the same each time', () => {
    const text = json([measure(SCENARIO, 3)]);
    expect(json([measure(SCENARIO, 3)])).toBe(text);
    expect(JSON.parse(text).scenarios[0].metrics[0]).toMatchObject({
      ...{ id: 'flow', verdict: 'met', goal: { kind: 'at most', target: 2 } },
      policies: [{ policy: 'Reeve', values: [1.1, 1.2, 1.3] }, { policy: 'other' }, { policy: 'alike' }],
    });
  });

  it('draws what has a goal, as well-formed SVG', () => {
    const svg = picture(measure(SCENARIO, 3));
    expect(svg).toContain('S0: Waits &amp; sees');
    expect(svg.match(/<circle/g)).toHaveLength(3);
    expect(svg).toContain('stroke-dasharray');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('refuses a figure that is none', () => {
    const broken = { ...SCENARIO, run: () => ({ flow: Number.NaN, wait: 1 }) };
    expect(() => measure(broken, 2)).toThrow('S0, Reeve, seed 1: the figure flow is NaN');
    expect(() => resultOf(measure(SCENARIO, 2), 'speed')).toThrow('S0 has no figure speed of Reeve');
  });

  it('changes nothing of the page but what is between the markers', () => {
    const page = 'By hand.\n<!-- figures of S0 -->\nold\n<!-- end of S0 -->\nBy hand, too.\n';
    const once = replaced(page, SCENARIO, 'new');
    expect(once).toBe('By hand.\n<!-- figures of S0 -->\n\nnew\n\n<!-- end of S0 -->\nBy hand, too.\n');
    expect(replaced(once, SCENARIO, 'new')).toBe(once);
    expect(() => replaced(page.replace('<!-- end of S0 -->', ''), SCENARIO, 'new')).toThrow(
      'has only one of',
    );
  });

  it('adds a section for a scenario that has no place yet', () => {
    const page = replaced('By hand.\n', SCENARIO, 'new');
    expect(page).toBe(
      'By hand.\n\n## S0: Waits & sees\n\n<!-- figures of S0 -->\n\nnew\n\n<!-- end of S0 -->\n',
    );
    expect(replaced(page, SCENARIO, 'new')).toBe(page);
  });
});

describe('figures', () => {
  it.each([
    [1.468, 'times', '1.47'],
    [0.0512, 'share', '5.12 %'],
    [0.99951, 'score', '1.000'],
    [950, 'ms', '950 ms'],
    [71_600, 'ms', '71.6 s'],
    [16_620_000, 'ms', '277 min'],
    [60_480_000, 'ms', '16.8 h'],
  ] as const)('%d %s is %s', (value, unit, text) => {
    expect(figure(value, unit)).toBe(text);
  });

  it('are judged by their goal', () => {
    expect([0.9, 1.5, 2.1].map((value) => verdictOn(value, atMost(2, 1)))).toEqual([
      'stretch',
      'met',
      'missed',
    ]);
    expect([0.99, 0.985, 0.9].map((value) => verdictOn(value, atLeast(0.98, 0.99)))).toEqual([
      ...['stretch', 'met', 'missed'],
    ]);
    expect([5.2, 4.3, 7].map((value) => verdictOn(value, around(5, 1, 0.5)))).toEqual([
      'stretch',
      'met',
      'missed',
    ]);
  });
});
