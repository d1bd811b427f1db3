import { expect, test } from 'vitest';
import {
  isTerminal,
  isTransition,
  LEASED_STATES,
  statesThatAllow,
  TASK_STATES,
  TERMINAL_STATES,
  TRANSITIONS,
  WAITING_STATES,
} from '../../src/domain/tasks/task-state.js';

test('every state is waiting, leased or terminal, and only one of them', () => {
  const all = [...WAITING_STATES, ...LEASED_STATES, ...TERMINAL_STATES];
  expect([...all].sort()).toEqual([...TASK_STATES].sort());
});

test('every state but the first ones can be reached, and every open state can be left', () => {
  const reached = new Set(TRANSITIONS.flatMap((t) => t.to ?? []));
  expect(TASK_STATES.filter((s) => !reached.has(s))).toEqual([]);
  for (const state of [...WAITING_STATES, ...LEASED_STATES]) {
    expect(TRANSITIONS.some((t) => t.from?.includes(state))).toBe(true);
  }
});

test('a terminal state is left by RETRIED, or by BLOCKED when another is retried; SUCCEEDED never', () => {
  for (const t of TRANSITIONS) {
    if (t.event !== 'RETRIED' && t.event !== 'BLOCKED') expect((t.from ?? []).filter(isTerminal)).toEqual([]);
  }
  expect(statesThatAllow('RETRIED')).not.toContain('SUCCEEDED');
  expect(statesThatAllow('BLOCKED')).toEqual(['SKIPPED']);
});

test('a cancelled task stays cancelled: no result is taken afterwards', () => {
  expect(isTransition('CANCELLED', 'SUCCEEDED', 'SUCCEEDED')).toBe(false);
  expect(isTransition('CANCELLING', 'SUCCEEDED', 'SUCCEEDED')).toBe(true);
  expect(isTransition('CANCELLING', 'FAILED', 'SCHEDULED')).toBe(false);
});

test('an attempt is only ever claimed from QUEUED', () => {
  expect(statesThatAllow('CLAIMED')).toEqual(['QUEUED']);
});
