import { expect, test } from 'vitest';
import { WarmByOrg } from '../../src/matching/warm-by-org.js';

test('who is warm is known by organisation', () => {
  const warm = new WarmByOrg();
  warm.used('acme', 'k', 'a', 0);
  warm.used('other', 'k', 'b', 0);
  expect(warm.of('acme', 'k', 1)).toEqual(['a']);
  expect(warm.of('other', 'k', 1)).toEqual(['b']);
  expect(warm.of('nobody', 'k', 1)).toEqual([]);
});

test('of a thousand organisations at most; the one that was met first is forgotten', () => {
  const warm = new WarmByOrg();
  for (let n = 0; n < 1_000; n += 1) warm.used(`org ${n}`, 'k', 'a', 0);
  warm.used('org 0', 'k', 'b', 0);
  expect(warm.of('org 0', 'k', 1)).toEqual(['b', 'a']);
  warm.used('one more', 'k', 'a', 0);
  expect(warm.of('org 0', 'k', 1)).toEqual([]);
  expect(warm.of('org 1', 'k', 1)).toEqual(['a']);
  expect(warm.of('one more', 'k', 1)).toEqual(['a']);
});
