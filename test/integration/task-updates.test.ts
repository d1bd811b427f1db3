import { afterEach, describe, expect, test } from 'vitest';
import { closeAll, open, step, worker } from '../support/steps.js';

afterEach(closeAll);

describe('update', () => {
  test('changes what waits, for the order too', async () => {
    const { coordinator, client } = await open();
    const [a, b] = [await client.submit(step('a')), await client.submit(step('b'))];
    const changed = await client.update(b.taskId, { tier: 'URGENT', labels: { name: 'b', team: 'core' } });
    expect(changed).toMatchObject({ tier: 'URGENT', labels: { name: 'b', team: 'core' } });
    const { done } = await worker(coordinator.address, 1);
    await Promise.all([a.wait(), b.wait()]);
    expect(done).toEqual(['b', 'a']);
    await expect(client.update(a.taskId, { tier: 'LOW' })).rejects.toMatchObject({
      reason: 'TASK_NOT_WAITING',
    });
  });

  test('a time is set and taken away; the agent gets the task as it was changed', async () => {
    const { coordinator, client } = await open();
    const task = await client.submit(step('late'));
    const later = new Date(Date.now() + 3_600_000);
    expect(await client.update(task.taskId, { runAt: later })).toMatchObject({
      state: 'SCHEDULED',
      runTime: later,
    });
    await client.update(task.taskId, { labels: { name: 'renamed' } });
    expect(await client.update(task.taskId, { runAt: null, deadline: later })).toMatchObject({
      state: 'QUEUED',
      deadline: later,
    });
    const { done } = await worker(coordinator.address);
    expect(await task.wait()).toBe('renamed');
    expect(done).toEqual(['renamed']);
  });

  test('only if it is as it was read, and only what can be changed', async () => {
    const { coordinator, client } = await open();
    const { taskId } = await client.submit(step('x'));
    const { etag } = await client.get(taskId);
    await client.update(taskId, { tier: 'HIGH', etag });
    await expect(client.update(taskId, { tier: 'LOW', etag })).rejects.toMatchObject({
      code: 'ABORTED',
      reason: 'ETAG_MISMATCH',
    });
    const [soon, late] = [Date.now() + 60_000, Date.now() + 120_000];
    await client.update(taskId, { runAt: late });
    await expect(client.update(taskId, { deadline: soon })).rejects.toThrow(
      'task.deadline: must be after run_at',
    );
    await client.update(taskId, { deadline: late + 1 });
    await expect(client.update(taskId, { runAt: late + 1 })).rejects.toThrow(
      'task.run_at: must be before the deadline',
    );
    await expect(client.update(taskId, {})).rejects.toThrow(/update_mask: must name at least one/);
    const answer = await fetch(`http://${coordinator.httpAddress}/reeve.v1.CoordinatorService/UpdateTask`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ taskId, task: { tier: 'TIER_LOW' }, updateMask: 'kind' }),
    });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(await answer.json())).toContain('update_mask.paths[0]');
  });
});
