import { v7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { type NewDecision, recorded } from '../../src/domain/policies/decision.js';
import { policyTaskOf } from '../../src/domain/policies/policy-task.js';
import { questionOf } from '../../src/domain/policies/question.js';
import type { Admission } from '../../src/domain/tasks/admission.js';
import { NO_TERMS } from '../../src/domain/tasks/terms.js';
import { plainSpec } from '../support/plain-task.js';
import { all, asks, awaiting, HOUR } from './task-record-awaiting.js';
import { on } from './task-record-chains.js';
import type { World } from './task-record-world.js';

export function testAdmission(world: () => World): void {
  describe('admission', () => {
    test('what was rejected is stored, ended, with why and what policies said', async () => {
      const w = world();
      const task = w.newTask(
        { dependencies: on(await w.submit()), deadline: Date.now() + HOUR },
        { admission: { kind: 'REJECTED', reason: 'over the budget' }, decisions: [], actor: 'dave' },
      );
      const [outcome] = await w.record.submitTasks([task]);

      expect(outcome).toMatchObject({
        kind: 'SUBMITTED',
        change: { taskId: task.taskId, seq: 1, state: 'REJECTED' },
        lease: null,
      });
      expect(await w.get(task.taskId)).toMatchObject({
        state: 'REJECTED',
        reason: 'over the budget',
        finishTime: expect.any(Number),
        runnableTime: null,
        pending: 0,
      });
      expect(await w.events(task.taskId)).toMatchObject([
        { type: 'SUBMITTED', state: 'REJECTED', reason: 'over the budget', actorSubjectId: 'dave' },
      ]);
      expect(await w.tryClaim(task.taskId)).toMatchObject({ kind: 'REFUSED', state: 'REJECTED' });
      expect(await w.retry(task.taskId)).toMatchObject({ kind: 'REFUSED', state: 'REJECTED' });
      await w.expectConsistent(task.taskId);
    });

    test('a repeat of a rejected submission finds it, whatever is decided of the repeat', async () => {
      const w = world();
      const request = { requestId: 'r', bodyHash: new Uint8Array(32).fill(1) };
      const admission: Admission = { kind: 'REJECTED', reason: 'no' };
      const id = await w.submit({}, { request, admission });
      const repeats = await w.record.submitTasks([w.newTask({}, { request })]);
      expect(repeats).toEqual([
        { kind: 'ALREADY_SUBMITTED', change: { org: w.org, taskId: id, seq: 1, state: 'REJECTED' } },
      ]);
      expect(await w.record.submitTasks([w.newTask({}, { request, admission })])).toEqual(repeats);
    });

    test('what depends on a rejected task is skipped', async () => {
      const w = world();
      const id = await w.submit({}, { admission: { kind: 'REJECTED', reason: 'no' } });
      const dependent = await w.submit({ dependencies: on(id) });
      expect(await w.get(dependent)).toMatchObject({ state: 'SKIPPED', reason: 'UPSTREAM_FAILED' });
    });

    test.each(['plain', 'dependent', 'rejected'])(
      'decisions stand in the trail of a %s task',
      async (how) => {
        const w = world();
        const task = policyTaskOf({ taskId: 't', spec: plainSpec('work'), terms: NO_TERMS, createTime: 5 });
        const input = { task, org: { a: '' }, now: 6 };
        const words = { output: { priority: null }, failure: null, message: 'é "q" \\' };
        const by = { kind: 'PRIORITY', policyId: 'p', version: 1 } as const;
        const said = { by, question: questionOf(input), ...words, tookMs: 0.5 };
        const decisions: readonly NewDecision[] = [
          said,
          { ...said, by: { ...by, kind: 'APPROVAL' }, failure: 'ERROR', output: null },
          {
            ...said,
            question: questionOf({ task: { ...task, goal: 'x' }, org: {}, candidates: [], now: 6 }),
          },
        ];
        const id = await w.submit(
          { dependencies: how === 'dependent' ? on(await w.submit()) : [] },
          { decisions, ...(how === 'rejected' && { admission: { kind: 'REJECTED', reason: '' } }) },
        );
        expect((await w.events(id))[0]?.detail.decisions).toEqual(decisions.map(recorded));
      },
    );

    test('a task that waits for a person stands in no lane, and says why', async () => {
      const w = world();
      const runTime = Date.now() + HOUR;
      const id = await awaiting(w, { runAt: runTime }, { runTime });
      expect(await w.get(id)).toMatchObject({
        state: 'AWAITING_APPROVAL',
        reason: 'it is dear',
        runTime: null,
        runnableTime: null,
        finishTime: null,
      });
      expect(await w.tryClaim(id)).toMatchObject({ kind: 'REFUSED', state: 'AWAITING_APPROVAL' });
      const [event] = await w.events(id);
      expect(event).toMatchObject({ state: 'AWAITING_APPROVAL', detail: { default_verdict: 'REJECT' } });
      expect(event?.detail).toHaveProperty('due_time');
      await w.expectConsistent(id);
    });

    test('a dependency or a parent that there is not is told of as ever', async () => {
      const w = world();
      const admission = asks();
      const tasks = [
        w.newTask({ dependencies: on(v7()) }, { admission }),
        w.newTask({ parentTaskId: v7() }, { admission }),
      ];
      const outcomes = await w.record.submitTasks(tasks);
      expect(outcomes.map(({ kind }) => kind)).toEqual(['DEPENDENCY_NOT_FOUND', 'PARENT_NOT_FOUND']);
      expect(await all(w)).toEqual([]);
    });
  });
}
