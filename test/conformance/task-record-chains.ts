import { describe, expect, test } from 'vitest';
import type { Dependency } from '../../src/domain/tasks/task.js';
import type { Moved } from '../../src/ports/task-record.js';
import type { World } from './task-record-world.js';

export const on = (...ids: readonly string[]): Dependency[] =>
  ids.map((taskId) => ({ taskId, runAnyway: false }));
export const anyway = (...ids: readonly string[]): Dependency[] =>
  ids.map((taskId) => ({ taskId, runAnyway: true }));

/** What dependents were moved to, by id. */
export const statesOf = (outcome: unknown) => {
  const { dependents } = outcome as { dependents: readonly Moved[] };
  return Object.fromEntries(dependents.map(({ change }) => [change.taskId, change.state]));
};

/** Every one of them is as its trail and its edges say. */
export async function expectEdgesSettled(w: World, ids: readonly string[]): Promise<void> {
  for (const id of ids) await w.expectConsistent(id);
}

/** Chains of tasks: skipped, and back when a link is retried. */
export function testChains(world: () => World): void {
  describe('chains and retries', () => {
    test('a chain is skipped link by link, and blocked again when its first is retried', async () => {
      const w = world();
      const first = await w.submit();
      const second = await w.submit({ dependencies: on(first) });
      const third = await w.submit({ dependencies: on(second) });
      const settle = async (taskId: string) => {
        const [moved] = await w.record.settleEdges([{ org: w.org, taskId }]);
        return statesOf({ dependents: moved });
      };
      expect(statesOf(await w.fail(await w.claim(first), false))).toEqual({ [second]: 'SKIPPED' });
      expect(await settle(second)).toEqual({ [third]: 'SKIPPED' });
      expect(await settle(second)).toEqual({});
      const cause = { upstream_task_id: second, upstream_state: 'SKIPPED' };
      expect((await w.events(third)).at(-1)?.detail).toEqual(cause);

      expect(statesOf(await w.retry(first))).toEqual({ [second]: 'BLOCKED' });
      expect(await settle(second)).toEqual({ [third]: 'BLOCKED' });
      expect(statesOf(await w.settle(await w.claim(first)))).toEqual({ [second]: 'QUEUED' });
      expect(statesOf(await w.settle(await w.claim(second)))).toEqual({ [third]: 'QUEUED' });
      await expectEdgesSettled(w, [first, second, third]);
    });

    test('a link that was passed before its dependents were blocked again is made up for', async () => {
      const w = world();
      const first = await w.submit();
      const second = await w.submit({ dependencies: on(first) });
      const third = await w.submit({ dependencies: on(second) });
      const settle = async (taskId: string) => {
        const [moved] = await w.record.settleEdges([{ org: w.org, taskId }]);
        return statesOf({ dependents: moved });
      };
      await w.fail(await w.claim(first), false);
      await settle(second);
      await w.retry(first);
      await w.settle(await w.claim(first));
      await w.settle(await w.claim(second));
      expect((await w.get(third)).state).toBe('SKIPPED');
      expect(await settle(second)).toEqual({ [third]: 'BLOCKED' });
      expect(await settle(second)).toEqual({ [third]: 'QUEUED' });
      expect(await settle(second)).toEqual({});
      await expectEdgesSettled(w, [first, second, third]);
    });

    test('one skipped for two is blocked again only when both are retried', async () => {
      const w = world();
      const [a, b] = [await w.submit(), await w.submit()];
      const down = await w.submit({ dependencies: on(a, b) });
      for (const up of [a, b]) await w.fail(await w.claim(up), false);
      expect(statesOf(await w.retry(a))).toEqual({});
      expect((await w.get(down)).state).toBe('SKIPPED');
      expect(statesOf(await w.retry(b))).toEqual({ [down]: 'BLOCKED' });
      expect((await w.get(down)).pending).toBe(2);
      for (const up of [b, a]) await w.settle(await w.claim(up));
      expect((await w.get(down)).state).toBe('QUEUED');
      await w.expectConsistent(down);
    });

    test('one that two links of chains move in one step is moved by both', async () => {
      const w = world();
      const [x, y] = [await w.submit(), await w.submit()];
      const [a, c] = [await w.submit({ dependencies: on(x) }), await w.submit({ dependencies: on(y) })];
      const down = await w.submit({ dependencies: [...anyway(a), ...on(c)] });
      const settle = async (...ids: readonly string[]) => {
        const moved = await w.record.settleEdges(ids.map((taskId) => ({ org: w.org, taskId })));
        return statesOf({ dependents: moved.flat() });
      };
      await w.fail(await w.claim(y), false);
      expect(await settle(c)).toEqual({ [down]: 'SKIPPED' });
      await w.fail(await w.claim(x), false);
      await w.retry(y);

      // One has ended, the other waits again.
      expect(await settle(a, c)).toEqual({ [down]: 'BLOCKED' });
      expect(await w.get(down)).toMatchObject({ state: 'BLOCKED', pending: 1 });
      await w.settle(await w.claim(y));
      await w.settle(await w.claim(c));
      expect((await w.get(down)).state).toBe('QUEUED');
      await w.expectConsistent(down);
    });

    test('a cancelled task that is retried waits again for what is still open', async () => {
      const w = world();
      const up = await w.submit();
      const down = await w.submit({ dependencies: on(up) });
      await w.cancel(down);
      await w.retry(down);
      expect(await w.get(down)).toMatchObject({ state: 'BLOCKED', pending: 1, series: 1 });
      await w.settle(await w.claim(up));
      expect((await w.get(down)).state).toBe('QUEUED');
      await w.expectConsistent(down);
    });

    test('one whose upstream has failed meanwhile is skipped for it again, and runs once that is retried', async () => {
      const w = world();
      const up = await w.submit();
      const down = await w.submit({ dependencies: on(up) });
      await w.cancel(down);
      await w.cancel(up);
      await w.retry(down);
      expect(await w.get(down)).toMatchObject({ state: 'BLOCKED', pending: 1 });
      const [moved] = await w.record.settleEdges([{ org: w.org, taskId: up }]);
      expect(statesOf({ dependents: moved ?? [] })).toEqual({ [down]: 'SKIPPED' });
      expect(statesOf(await w.retry(up))).toEqual({ [down]: 'BLOCKED' });
      await w.settle(await w.claim(up));
      expect((await w.get(down)).state).toBe('QUEUED');
      await w.expectConsistent(down);
    });
  });
}
