import { expect, it } from 'vitest';
import { byBandAndScore } from '../../../src/domain/order/by-band-and-score.js';

it('people go first, then the lowest score, then the lower id', () => {
  const task = (taskId: string, band: 'HUMAN' | 'OTHER', score: number) => ({ taskId, band, score });
  const ordered = [
    task('a', 'HUMAN', 900),
    task('b', 'HUMAN', 900),
    task('c', 'OTHER', -5),
    task('b', 'OTHER', 7),
    task('d', 'OTHER', 7),
  ];
  expect([...ordered].reverse().sort(byBandAndScore)).toEqual(ordered);
});
