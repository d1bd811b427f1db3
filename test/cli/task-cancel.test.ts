import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { setupFleet } from './support/fleet.js';

const { reeve, submit } = setupFleet();

test('cancel tells the outcome of each id, those from a pipe too', async () => {
  const [first, second, missing] = [await submit('nobody'), await submit('nobody'), randomUUID()];
  const { code, stdout, stderr } = await reeve(['task', 'cancel', first, '-'], {
    stdin: `${second}\n${missing}\n`,
  });
  expect(JSON.parse(stdout)).toEqual([
    { taskId: first, ok: true, state: 'CANCELLED' },
    { taskId: second, ok: true, state: 'CANCELLED' },
    { taskId: missing, ok: false, error: expect.objectContaining({ code: 'TASK_NOT_FOUND' }) },
  ]);
  expect(code).toBe(3);
  expect(JSON.parse(stderr).message).toContain('1 of 3 failed');
});

test('a cancelled task can be retried, one that has succeeded can be neither', async () => {
  const id = await submit('nobody');
  await reeve(['task', 'cancel', id, '--reason', 'wrong']);
  const retried = await reeve(['task', 'retry', id]);
  expect([retried.code, JSON.parse(retried.stdout)]).toEqual([
    0,
    [{ taskId: id, ok: true, state: 'QUEUED' }],
  ]);

  const done = await submit('echo', '--input', '1');
  await reeve(['task', 'wait', done]);
  expect((await reeve(['task', 'retry', done])).code).toBe(5);
  const cancel = await reeve(['task', 'cancel', done]);
  expect([cancel.code, JSON.parse(cancel.stderr).code]).toEqual([5, 'TASK_ENDED']);
});
