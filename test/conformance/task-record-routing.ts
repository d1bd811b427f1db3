import { describe, expect, test } from 'vitest';
import type { Decision } from '../../src/domain/policies/decision.js';
import { policyTaskOf } from '../../src/domain/policies/policy-task.js';
import type { Route } from '../../src/domain/routing/route.js';
import { NO_TERMS } from '../../src/domain/tasks/terms.js';
import type { World } from './task-record-world.js';

const ROUTE: Route = { by: 'PLAN_RETRIEVE', epoch: 0, agentId: 'a', until: 5_000, fallback: true };

export async function routeTask(w: World, taskId: string, route: Route | null, seq?: number) {
  const request = { org: w.org, taskId, seq: seq ?? (await w.get(taskId)).seq };
  const [outcome] = await w.record.routeTasks([{ ...request, route, reason: 'PLANNED', decision: null }]);
  return outcome;
}

export async function skipTask(w: World, taskId: string, seq?: number) {
  const request = { org: w.org, taskId, seq: seq ?? (await w.get(taskId)).seq };
  const [outcome] = await w.record.skipTasks([{ ...request, reason: 'VALIDATION_FAILED: no input' }]);
  return outcome;
}

export function testRouting(world: () => World): void {
  describe('routeTasks', () => {
    test('keeps the route with the requirements, and says it in the trail', async () => {
      const w = world();
      const id = await w.submit({ tier: 'HIGH' });
      const { requirements, ...spec } = (await w.get(id)).spec;
      const outcome = await routeTask(w, id, ROUTE);
      expect(outcome).toMatchObject({
        kind: 'OK',
        change: { taskId: id, seq: 2, state: 'QUEUED' },
        ready: { seq: 2, tier: 'HIGH', requirements: { ...requirements, route: ROUTE } },
      });
      const task = await w.get(id);
      expect(task.spec).toEqual({ ...spec, requirements: { ...requirements, route: ROUTE } });
      expect((await w.events(id)).at(-1)).toMatchObject({
        type: 'ROUTED',
        reason: 'PLANNED',
        detail: { route: ROUTE },
      });
      await w.expectConsistent(id);
    });

    test('a route ends as if there had been none', async () => {
      const w = world();
      const id = await w.submit();
      const { requirements } = (await w.get(id)).spec;
      await routeTask(w, id, ROUTE);
      expect(await routeTask(w, id, null)).toMatchObject({ kind: 'OK', ready: { requirements } });
      expect((await w.get(id)).spec.requirements).toEqual(requirements);
      expect((await w.events(id)).at(-1)).toMatchObject({ type: 'ROUTED', detail: {} });
      await w.expectConsistent(id);
    });

    test('what the policy was asked and said is in the trail', async () => {
      const w = world();
      const { taskId, spec, createTime } = w.newTask();
      const id = await w.submit();
      const task = policyTaskOf({ taskId, spec, terms: NO_TERMS, createTime });
      const decision: Decision = {
        kind: 'PLAN_RETRIEVE',
        policyId: 'nearest',
        version: 3,
        input: { task, candidates: [], org: {}, now: 7 },
        output: 'a',
        failure: null,
        message: '',
        tookMs: 0.5,
        time: 7,
      };
      const [outcome] = await w.record.routeTasks([
        { org: w.org, taskId: id, seq: 1, route: ROUTE, reason: 'PLANNED', decision },
      ]);
      expect(outcome?.kind).toBe('OK');
      expect((await w.events(id)).at(-1)?.detail).toEqual({ route: ROUTE, decision });
    });

    test('of two that choose, one wins', async () => {
      const w = world();
      const id = await w.submit();
      const outcomes = await Promise.all([routeTask(w, id, ROUTE, 1), routeTask(w, id, ROUTE, 1)]);
      expect(outcomes.map((one) => one?.kind).sort()).toEqual(['CHANGED_SINCE', 'OK']);
      expect(await w.types(id)).toEqual(['SUBMITTED', 'ROUTED']);
    });

    test('is refused once somebody has the task, and for tasks that are not there', async () => {
      const w = world();
      const id = await w.submit();
      const before = await w.get(id);
      await w.claim(id);
      expect(await routeTask(w, id, ROUTE)).toEqual({ kind: 'REFUSED', state: 'ASSIGNED', epoch: 1 });
      expect((await w.get(id)).spec).toEqual(before.spec);
      expect(await routeTask(w, w.newTask().taskId, ROUTE, 1)).toEqual({ kind: 'NOT_FOUND' });
    });

    test('a route is older than the claim that came after it', async () => {
      const w = world();
      const id = await w.submit();
      await routeTask(w, id, ROUTE);
      const lease = await w.claim(id, 'a');
      const [back] = await w.record.returnTasks([
        { org: w.org, taskId: id, epoch: lease.epoch, agentId: 'a', to: 'QUEUED', reason: 'DECLINED' },
      ]);
      expect(back).toMatchObject({ kind: 'OK', ready: { epoch: 1, requirements: { route: ROUTE } } });
    });
  });

  describe('skipTasks', () => {
    test('ends a task that waits for an agent', async () => {
      const w = world();
      const id = await w.submit();
      expect(await skipTask(w, id)).toMatchObject({
        kind: 'OK',
        change: { seq: 2, state: 'SKIPPED' },
        ready: null,
      });
      const task = await w.get(id);
      expect(task).toMatchObject({ state: 'SKIPPED', reason: 'VALIDATION_FAILED: no input' });
      expect(task.finishTime).not.toBeNull();
      await w.expectConsistent(id);
    });

    test('and skips those that depend on it', async () => {
      const w = world();
      const id = await w.submit();
      const next = await w.submit({ dependencies: [{ taskId: id, runAnyway: false }] });
      const anyway = await w.submit({ dependencies: [{ taskId: id, runAnyway: true }] });
      const outcome = await skipTask(w, id);
      const moved = outcome?.kind === 'OK' ? outcome.dependents.map(({ change }) => change) : [];
      expect(new Map(moved.map(({ taskId, state }) => [taskId, state]))).toEqual(
        new Map([
          [next, 'SKIPPED'],
          [anyway, 'QUEUED'],
        ]),
      );
      for (const one of [id, next, anyway]) await w.expectConsistent(one);
    });

    test('leaves alone what has changed, is with an agent, or waits for others', async () => {
      const w = world();
      const id = await w.submit();
      expect(await skipTask(w, id, 2)).toEqual({ kind: 'CHANGED_SINCE' });
      const blocked = await w.submit({ dependencies: [{ taskId: id, runAnyway: false }] });
      expect(await skipTask(w, blocked)).toMatchObject({ kind: 'REFUSED', state: 'BLOCKED' });
      await w.claim(id);
      expect(await skipTask(w, id)).toMatchObject({ kind: 'REFUSED', state: 'ASSIGNED' });
    });
  });
}
