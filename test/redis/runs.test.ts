import { expect, test } from 'vitest';
import type { Operation } from '../../src/redis/operations.js';
import { toRuns } from '../../src/redis/runs.js';

const message = (n: number): Operation[] => [
  { op: 'attempts', ends: [[`t${n}`, 'SUCCEEDED']] },
  { op: 'free', id: `t${n}`, e: 1 },
  { op: 'grant', sid: `s${n}`, total: n, request: '' },
];

test('what many messages bring about is told in one run of each kind', () => {
  const runs = toRuns([...message(1), ...message(2), ...message(3)]);
  expect(runs.map((run) => [run.op, 'rows' in run && run.rows])).toEqual([
    ['attempts', ['t1', 1, 't2', 1, 't3', 1]],
    ['free', ['t1', 1, '', 't2', 1, '', 't3', 1, '']],
    ['grant', ['s1', 1, '', 's2', 2, '', 's3', 3, '']],
  ]);
});

test('what else is told keeps its place between them', () => {
  const confirm = { op: 'confirm', id: 't2', rid: 'g-7', sid: 's2', e: 1, s: 2, use: '' } as const;
  const drop = { op: 'drop', sid: 's1' } as const;
  const runs = toRuns([...message(1), drop, confirm, ...message(2)]);
  expect(runs.map(({ op }) => op)).toEqual([
    'attempts',
    'free',
    'grant',
    'drop',
    'confirm',
    'attempts',
    'free',
    'grant',
  ]);
});
