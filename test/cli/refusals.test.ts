import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { setupFleet } from './support/fleet.js';

const { reeve, submit } = setupFleet();

const PLAIN = { tty: true, env: { NO_COLOR: '1' } };

test.each([
  [['submit', 'bad kind'], 'KIND: must be a name'],
  [['submit', 'k', '--label', 'a b=c'], '--label: must be a name'],
  [['submit', 'k', '--requires', 'a b'], '--requires: must be a name'],
  [['submit', 'k', '--after', 'x'], '--after: must be a UUID'],
  [['submit', 'k', '--parent', 'x'], '--parent: must be a UUID'],
  [['submit', 'k', '--assign-wait', '30s'], '--assign-wait: must be at most 20s'],
  [['submit', 'k', '--run-at', '2h', '--deadline', '1h'], '--deadline: must be after --run-at'],
  [['task', 'get', 'x'], 'ID: must be a UUID'],
  [['task', 'update', 'x', '--tier', 'low'], 'TASK: must be a UUID'],
  [['task', 'list', '--kind', 'a b'], '--kind: must be a name'],
  [['task', 'list', '--agent', 'a b'], '--agent: must be a name'],
  [['task', 'list', '--org', 'a b'], '--org: must be a name'],
  [['agent', 'list', '--tag', 'a b'], '--tag: must be a name'],
  [['queue', 'pause', '--kind', 'a b'], '--kind: must be a name'],
  [['operation', 'get', 'x'], 'ID: must be a UUID'],
  [['role', 'put', 'a b'], 'ROLE: must be a name'],
  [['subject', 'put', 'a', '--role', 'a b'], '--role: must be a name'],
  [['policy', 'put', 'a b', '--kind', 'approval', '--cel', 'true'], 'NAME: must be a name'],
  [
    ['policy', 'put', 'p', '--kind', 'approval', '--cel', 'true', '--deadline', '5s'],
    '--deadline: must be at most 1s',
  ],
  [
    ['config', 'set', 'candidate_role_filter', '{"role_type":{"$eqq":1}}'],
    'VALUE.role_type.$eqq: is no operator; did you mean $eq?',
  ],
])('%j is refused in the words of the command line', async (argv, message) => {
  const { code, stderr } = await reeve(argv);
  expect([code, JSON.parse(stderr).message]).toEqual([2, expect.stringContaining(message)]);
});

test('what has changed since it was read says how to go on', async () => {
  const id = await submit('nobody');
  const { code, stderr } = await reeve(['task', 'update', id, '--tier', 'low', '--etag', '999']);
  expect([code, JSON.parse(stderr)]).toMatchObject([
    5,
    { code: 'ETAG_MISMATCH', hint: expect.stringContaining(`reeve task get ${id}`) },
  ]);
});

test('what is not there says where to look', async () => {
  const { code, stderr } = await reeve(['submit', 'nobody', '--after', randomUUID()]);
  expect([code, JSON.parse(stderr).hint]).toEqual([3, 'List the tasks there are: reeve task list']);
});

test('a task that was skipped says for what, and what to retry', async () => {
  const up = await submit('nobody');
  const down = await submit('nobody', '--after', up);
  const last = await submit('nobody', '--after', down);
  expect((await reeve(['task', 'get', down], PLAIN)).stdout).toContain(`\nWaits for  1 of 1: ${up}\n`);
  await reeve(['task', 'cancel', up]);
  await reeve(['task', 'wait', last, '--for=skipped']);
  const shown = await reeve(['task', 'get', down], PLAIN);
  expect(shown.stdout).toContain(`\nDepends on  ${up}\n`);
  expect(shown.stdout).not.toContain('Waits for');
  const trail = await reeve(['task', 'events', down], PLAIN);
  expect(trail.stdout).toMatch(
    new RegExp(`SKIPPED +SKIPPED .*upstream_state=CANCELLED upstream_task_id=${up}\n`),
  );

  const { code, stderr } = await reeve(['task', 'retry', last]);
  expect([code, JSON.parse(stderr)]).toMatchObject([
    5,
    {
      code: 'TASK_NOT_RETRYABLE',
      message: expect.stringContaining(`is SKIPPED because of task ${up}`),
      hint: `Retry what it was skipped for: reeve task retry ${up}`,
    },
  ]);
  expect((await reeve(['task', 'retry', up])).code).toBe(0);
  expect((await reeve(['task', 'get', down], PLAIN)).stdout).toContain(`\nWaits for  1 of 1: ${up}\n`);
});

test('all that is wrong with a job is told at once', async () => {
  const kind = `report-${randomUUID()}`;
  await reeve(['kind', 'put', kind, '--require', 'goal', '--require', 'labels.team']);
  const { code, stderr } = await reeve(['submit', kind]);
  expect(code).toBe(2);
  expect(JSON.parse(stderr).message.split('\n')).toEqual([
    expect.stringContaining('--goal: must be set'),
    expect.stringContaining('--label team: must be set'),
  ]);
});

test('a task that was rejected says where its reasons are', async () => {
  const name = `never-${randomUUID()}`;
  await reeve(['policy', 'put', name, '--kind', 'approval', '--cel', 'false']);
  const { code, stderr } = await reeve(['submit', 'nobody', '--approval-policy', name]);
  const { message, hint } = JSON.parse(stderr);
  const [id] = /[0-9a-f-]{36}/.exec(message) ?? [];
  expect([code, hint]).toEqual([5, `See what was asked, and what it answered: reeve explain ${id}`]);
  const { stdout } = await reeve(['explain', id ?? ''], PLAIN);
  expect(stdout).toContain(`by policy ${name} in version 1`);
});
