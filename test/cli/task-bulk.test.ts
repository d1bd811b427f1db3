import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { createClient } from '@reeve/sdk';
import { expect, test } from 'vitest';
import { showTurns } from '../../src/cli/bulk/show-turns.js';
import { startCoordinator } from './support/coordinator.js';
import { setupFleet } from './support/fleet.js';

const { reeve, startReeve, submit, release, address } = setupFleet();

const PLAIN = { tty: true, env: { NO_COLOR: '1' } };

function unique(): string {
  return `run=${randomUUID()}`;
}

async function submitMany(count: number, label: string, to = address()): Promise<void> {
  const client = createClient({ address: to });
  const [key = '', value = ''] = label.split('=');
  const outcomes = await client.submitMany(
    Array.from({ length: count }, () => ({ kind: 'nobody', labels: { [key]: value } })),
  );
  client.close();
  expect(outcomes.every(({ ok }) => ok)).toBe(true);
}

async function statesOf(label: string): Promise<string[]> {
  const { stdout } = await reeve(['task', 'list', '--label', label, '--limit', '0']);
  return JSON.parse(stdout).map(({ state }: { state: string }) => state);
}

test('a filter shows what it has chosen, and with --yes the coordinator does it', async () => {
  const label = unique();
  const ids = [await submit('nobody', '--label', label), await submit('else', '--label', label)].reverse();
  const argv = ['task', 'cancel', '--label', label, '--yes', '--reason', 'enough'];
  const { code, stdout, stderr } = await reeve(argv);
  expect(JSON.parse(stdout)).toMatchObject({
    verb: 'CANCEL_TASKS',
    state: 'SUCCEEDED',
    totalCount: 2,
    doneCount: 2,
    skippedCount: 0,
    reason: 'enough',
  });
  expect(code).toBe(0);
  expect(stderr).toMatch(
    /^2 tasks to cancel\n {2}states {2}QUEUED 2\n {2}kinds {3}(else 1, nobody|nobody 1, else) 1\n/,
  );
  for (const id of ids) expect(stderr).toContain(id);
  expect(stderr).toMatch(/\nCancelled 2 of 2 tasks\.\n$/);

  const retried = await reeve(['task', 'retry', '--label', label, '--kind', 'else', '--yes', '-o', 'name']);
  const shown = await reeve(['operation', 'get', retried.stdout.trim()]);
  expect([retried.code, JSON.parse(shown.stdout)]).toMatchObject([0, { verb: 'RETRY_TASKS', doneCount: 1 }]);
  expect(await statesOf(label)).toEqual(['QUEUED', 'CANCELLED']);
});

test('every filter of the list chooses', async () => {
  const [label, parent] = [unique(), await submit('nobody')];
  const child = await submit('nobody', '--label', label, '--parent', parent);
  const kind = `kind-${randomUUID()}`;
  const other = await submit(kind, '--label', label);
  const dry = async (...argv: string[]) =>
    (await reeve(['task', 'cancel', '--dry-run', '-o', 'name', ...argv])).stdout.trim().split('\n');
  expect(await dry('--label', label)).toEqual([other, child]);
  expect(await dry('--parent', parent)).toEqual([child]);
  expect(await dry('--kind', kind)).toEqual([other]);
  expect(await dry('--label', label, '--kind', kind, '--state', 'queued')).toEqual([other]);
  expect(await dry('--label', label, '--state', 'running')).toEqual(['']);
  expect(await dry('--all')).toEqual(expect.arrayContaining([other, child, parent]));
});

test('--dry-run changes nothing and gives programs what would be chosen', async () => {
  const label = unique();
  const id = await submit('nobody', '--label', label);
  const piped = await reeve(['task', 'cancel', '--label', label, '--dry-run']);
  expect([piped.code, JSON.parse(piped.stdout)]).toEqual([
    0,
    [{ taskId: id, kind: 'nobody', state: 'QUEUED' }],
  ]);
  const shown = await reeve(['task', 'cancel', '--label', label, '--dry-run'], PLAIN);
  expect([shown.code, shown.stderr]).toEqual([0, '']);
  expect(shown.stdout).toBe(`1 task to cancel\n  states  QUEUED 1\n  kinds   nobody 1\n  newest  ${id}\n`);
  const none = await reeve(['task', 'cancel', '--label', unique(), '--dry-run'], PLAIN);
  expect(none).toEqual({ code: 0, stdout: 'No tasks to cancel.\n', stderr: '' });
  expect(await statesOf(label)).toEqual(['QUEUED']);
});

test('on a terminal a person is asked, and only yes is yes', async () => {
  const label = unique();
  await submit('nobody', '--label', label);
  for (const typed of ['n\n', '\n', 'yesterday\n', '']) {
    const { code, stdout, stderr } = await reeve(['task', 'cancel', '--label', label], { ...PLAIN, typed });
    expect([typed, code, stdout]).toEqual([typed, 1, '']);
    expect(stderr).toMatch(/\nCancel 1 task\? \[y\/N\] \n?Nothing was changed\.\n$/);
  }
  expect(await statesOf(label)).toEqual(['QUEUED']);
  const done = await reeve(['task', 'cancel', '--label', label], { ...PLAIN, typed: 'Yes\n' });
  expect([done.code, done.stdout]).toEqual([0, '']);
  expect(done.stderr).toContain('Cancelled 1 of 1 task.');
  expect(await statesOf(label)).toEqual(['CANCELLED']);
});

test('Ctrl-C at the question changes nothing', async () => {
  const label = unique();
  await submit('nobody', '--label', label);
  const asked = startReeve(['task', 'cancel', '--label', label], { ...PLAIN, typed: new PassThrough() });
  await asked.tells(/\[y\/N\]/);
  asked.interrupt();
  expect((await asked.done).code).toBe(130);
  expect(await statesOf(label)).toEqual(['QUEUED']);
});

test.each([
  [['cancel', '--kind', 'k'], '--yes is missing'],
  [['retry', '--all'], '--yes is missing'],
  [['cancel'], 'Neither an id nor a filter'],
  [['cancel', '--yes'], 'Neither an id nor a filter'],
  [['retry', 'ID', '--state', 'failed'], 'ids and a filter exclude each other'],
  [['cancel', '-', '--all', '--yes'], 'ids and a filter exclude each other'],
  [['cancel', 'ID', '--dry-run'], '--dry-run goes with a filter'],
  [['cancel', '--all', '--kind', 'k', '--yes'], '--all and a filter exclude each other'],
  [['cancel', '--parent', '', '--yes'], '--parent is empty'],
  [['cancel', '--kind', '', '--yes'], '--kind is empty'],
  [['cancel', '--state', 'succeeded', '--yes'], 'Expected one of'],
  [['retry', '--state', 'running', '--yes'], 'Expected one of'],
])('task %j is a usage error', async (argv, message) => {
  const { code, stdout, stderr } = await reeve(['task', ...argv]);
  expect([code, stdout]).toEqual([2, '']);
  expect(JSON.parse(stderr).message).toContain(message);
});

test('a filter that chooses nothing is an empty list, and nobody is asked', async () => {
  const argv = ['task', 'cancel', '--label', unique()];
  expect(await reeve([...argv, '--dry-run'])).toEqual({ code: 0, stdout: '[]\n', stderr: '' });
  expect(await reeve([...argv, '--yes'])).toEqual({ code: 0, stdout: '', stderr: 'No tasks to cancel.\n' });
  expect(await reeve(argv, { ...PLAIN, typed: '' })).toEqual({
    code: 0,
    stdout: '',
    stderr: 'No tasks to cancel.\n',
  });
});

test('no input on standard input is no task, not all of them', async () => {
  const { code, stdout } = await reeve(['task', 'cancel', '-'], { stdin: '\n' });
  expect([code, stdout]).toEqual([0, '[]\n']);
});

test('what has ended or came since the preview is left alone', async () => {
  const label = unique();
  const held = await submit('hold', '--label', label);
  await reeve(['task', 'wait', held, '--for=running']);
  await submit('nobody', '--label', label);
  const typed = new PassThrough();
  const argv = ['task', 'cancel', '--label', label, '-o', 'json'];
  const cancelling = startReeve(argv, { ...PLAIN, typed });
  await cancelling.tells(/\[y\/N\]/);
  release();
  await reeve(['task', 'wait', held]);
  await submit('nobody', '--label', label);
  typed.end('y\n');
  const { code, stdout, stderr } = await cancelling.done;
  expect(JSON.parse(stdout)).toMatchObject({ totalCount: 1, doneCount: 1 });
  expect(code).toBe(0);
  expect(stderr).toContain('Cancelled 1 of 1 task.');
  expect(await statesOf(label)).toEqual(['QUEUED', 'CANCELLED', 'SUCCEEDED']);
});

test('what the coordinator refuses is told, and nothing is done', async () => {
  const label = unique();
  await submitMany(3, label);
  // Longer than the coordinator lets an agent have.
  const { code, stdout, stderr } = await reeve([
    'task',
    'cancel',
    '--label',
    label,
    '--grace',
    '2h',
    '--yes',
  ]);
  expect([code, stdout]).toEqual([2, '']);
  expect(JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '').message).toContain('grace');
  expect(await statesOf(label)).toEqual(['QUEUED', 'QUEUED', 'QUEUED']);
});

test('when the coordinator goes, that is what is told', async () => {
  const coordinator = await startCoordinator();
  const label = unique();
  await submitMany(80, label, coordinator.address);
  const env = { REEVE_ADDRESS: coordinator.address };
  const typed = new PassThrough();
  const cancelling = startReeve(['task', 'cancel', '--label', label, '-o', 'json', '--timeout', '3s'], {
    ...PLAIN,
    typed,
    env,
  });
  await cancelling.tells(/\[y\/N\]/);
  await coordinator.stop();
  typed.end('y\n');
  const { code, stdout } = await cancelling.done;
  expect([code, stdout]).toEqual([7, '']);
});

test('a long run shows how far it has come: a bar on a terminal', async () => {
  const label = unique();
  await submitMany(150, label);
  const { code, stderr } = await reeve(['task', 'cancel', '--label', label, '--yes'], PLAIN);
  expect(code).toBe(0);
  expect(stderr).toMatch(/of 150/);
  expect(stderr.lastIndexOf('\u001b[?25h')).toBeGreaterThan(stderr.lastIndexOf('\u001b[?25l'));
  expect(stderr).toContain('Cancelled 150 of 150 tasks.');
});

test('a long run shows how far it has come: a line for each thousand in a pipe, and where it stopped', () => {
  const lines: string[] = [];
  const ends: (() => void)[] = [];
  const world = { stderr: new PassThrough() } as unknown as Parameters<typeof showTurns>[0]['world'];
  const talk = (line: string) => lines.push(line);
  const turns = showTurns({ world, talk, onEnd: (end) => ends.push(end) }, 2_500);
  for (let done = 1; done <= 2_100; done++) turns.show(done);
  expect(lines).toEqual(['1,000 of 2,500 …', '2,000 of 2,500 …']);
  for (const end of ends) end();
  turns.stop();
  expect(lines.slice(2)).toEqual(['Stopped after 2,100 of 2,500.']);
});
