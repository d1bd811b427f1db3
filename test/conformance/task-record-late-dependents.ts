import { describe, expect, test } from 'vitest';
import type { World } from './task-record-world.js';

/** Tasks that name one that has ended, and may be open again. */
export function testLateDependents(world: () => World): void {
  describe('dependents of what has ended', () => {
    test('one that named a task after it had failed runs when that is retried and succeeds', async () => {
      const w = world();
      const upstream = await w.running();
      await w.fail(upstream, false);
      const late = await w.submit({ dependencies: [{ taskId: upstream.taskId, runAnyway: false }] });
      expect((await w.get(late)).state).toBe('SKIPPED');

      await w.retry(upstream.taskId);
      expect((await w.get(late)).state).toBe('BLOCKED');
      await w.settle(await w.claim(upstream.taskId));

      expect((await w.get(late)).state).toBe('QUEUED');
      await w.expectConsistent(late);
    });
  });
}
