import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../src/domain/json.js';
import { Failing } from '../support/scripted-policies.js';
import { createRoutingWorld } from './routing-world.js';

describe('what is checked right before an agent gets a task', () => {
  test.each([
    ['answers false', () => false, 'validate answers false'],
    ['says what is wrong', () => 'no pages', 'no pages'],
    [
      'runs away',
      () => {
        throw new Failing('RUNAWAY', 'over its deadline');
      },
      'validate could not be evaluated: RUNAWAY over its deadline',
    ],
    ['answers what it may not', () => 7, 'validate could not be evaluated: its answer must be a bool'],
  ] as [string, () => JsonValue, string][])(
    'an expression that %s skips it',
    async (_name, evaluate, words) => {
      const w = createRoutingWorld({}, { evaluate });
      w.rules.putKind({ kind: 'work', validate: 'task.labels.x == 1' });
      const one = await w.start('one');
      const a = await w.connect(one, 'a', 'DO', { slots: 1 });
      const taskId = await w.accepted(one);
      const next = await w.accepted(one, {}, { dependencies: [{ taskId, runAnyway: false }] });
      await w.pass(1_000);
      const task = await w.world.get(taskId);
      expect(task.state).toBe('SKIPPED');
      expect(task.reason).toContain(`VALIDATION_FAILED: ${words}`);
      expect((await w.world.get(next)).state).toBe('SKIPPED');
      // Its slot is free for what is as it should be.
      const fine = await w.accepted(one, {}, { kind: 'else' });
      await w.pass(1_000);
      expect(a.got).toEqual([fine]);
      for (const id of [taskId, next, fine]) await w.world.expectConsistent(id);
      expect(w.errors).toEqual([]);
    },
  );

  test('what passes is given out, those among them that fail are not', async () => {
    const w = createRoutingWorld({}, { evaluate: ({ task }) => task.goal !== 'bad' });
    w.rules.putKind({ kind: 'work', validate: 'task.goal' });
    const one = await w.start('one');
    const ids: string[] = [];
    for (const goal of ['good', 'bad', 'good']) ids.push(await w.accepted(one, {}, { goal }));
    const a = await w.connect(one, 'a');
    await w.pass(1_000);
    expect(a.got).toEqual([ids[0], ids[2]]);
    expect(await w.stateOf(ids[1] as string)).toBe('SKIPPED');
  });
});
