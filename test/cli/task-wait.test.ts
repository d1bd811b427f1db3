import { expect, test } from 'vitest';
import { setupFleet } from './support/fleet.js';

const { reeve, startReeve, submit, release } = setupFleet();

test('wait knows three goals', async () => {
  const id = await submit('hold');
  expect((await reeve(['task', 'wait', id, '--for=running'])).code).toBe(0);
  release();
  expect((await reeve(['task', 'wait', id])).code).toBe(0);
  const refused = await submit('refuse');
  expect((await reeve(['task', 'wait', refused, '--for=ended'])).code).toBe(0);
  expect((await reeve(['task', 'wait', refused, '--for=succeeded'])).code).toBe(6);
});

test('watch writes a line for each change until the task has ended', async () => {
  const id = await submit('hold');
  const watching = startReeve(['task', 'watch', id]);
  await watching.prints(/half way/);
  release();
  const { code, stdout } = await watching.done;
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(code).toBe(0);
  expect(new Set(lines.map((line) => line.taskId))).toEqual(new Set([id]));
  expect(lines.at(-1)).toMatchObject({ state: 'SUCCEEDED', output: 'released' });
  expect(lines.some((line) => line.progress?.fraction === 0.5)).toBe(true);
});

test('watch draws a bar on a terminal, and Ctrl-C ends it quietly with the cursor back', async () => {
  const id = await submit('hold');
  const watching = startReeve(['task', 'watch', id], { tty: true });
  await watching.prints(/█.*half way/);
  watching.interrupt();
  const { code, stdout, stderr } = await watching.done;
  release();
  expect([code, stderr, watching.listens()]).toEqual([130, '', false]);
  expect(stdout.lastIndexOf('\u001b[?25h')).toBeGreaterThan(stdout.lastIndexOf('\u001b[?25l'));
});

test('watch by a filter follows what is chosen, those to come too, until Ctrl-C', async () => {
  const first = await submit('nobody', '--label', 'watched=yes');
  const watching = startReeve(['task', 'watch', '--label', 'watched=yes', '--state', 'queued']);
  await watching.prints(new RegExp(first));
  await submit('nobody', '--label', 'watched=no');
  const second = await submit('nobody', '--label', 'watched=yes');
  await watching.prints(new RegExp(second));
  await reeve(['task', 'cancel', first]);
  await watching.prints(/"state":"CANCELLED"/);
  watching.interrupt();
  const { code, stdout } = await watching.done;
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(code).toBe(130);
  expect(lines.map(({ taskId, state }) => [taskId, state])).toEqual([
    [first, 'QUEUED'],
    [second, 'QUEUED'],
    [first, 'CANCELLED'],
  ]);
});

test('watch by a filter redraws a table on a terminal, from which what has left is gone', async () => {
  const id = await submit('nobody', '--label', 'drawn=yes');
  const filter = ['--label', 'drawn=yes', '--state', 'queued'];
  const watching = startReeve(['task', 'watch', ...filter], { tty: true });
  await watching.prints(new RegExp(id));
  await reeve(['task', 'cancel', id]);
  await watching.prints(/No tasks yet/);
  watching.interrupt();
  expect((await watching.done).code).toBe(130);
});

test('watch wants ids or a filter, not both and not neither', async () => {
  expect(await reeve(['task', 'watch'])).toMatchObject({ code: 2 });
  const both = await reeve(['task', 'watch', 'x', '--kind', 'a']);
  expect(both.stderr).toContain('ids and a filter exclude each other');
});
