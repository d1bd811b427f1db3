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

test('a filter shows what it has chosen, and with --yes it is done, one entry a task', async () => {
  const label = unique();
  const ids = [await submit('nobody', '--label', label), await submit('else', '--label', label)].reverse();
  const { code, stdout, stderr } = await reeve(['task', 'cancel', '--label', label, '--yes']);
  expect(JSON.parse(stdout)).toEqual(ids.map((taskId) => ({ taskId, ok: true, state: 'CANCELLED' })));
  expect(code).toBe(0);
  expect(stderr).toMatch(/^2 tasks to cancel\n {2}states {2}QUEUED 2\n {2}kinds {3}else 1, nobody 1\n/);
  for (const id of ids) expect(stderr).toContain(id);
  expect(stderr).toMatch(/\nCancelled 2 of 2 tasks\.\n$/);

  const retried = await reeve(['task', 'retry', '--label', label, '--kind', 'else', '--yes', '-o', 'name']);
  expect([retried.code, retried.stdout]).toEqual([0, `${ids[0]}\n`]);
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
  expect([shown.code, shown.stdout]).toEqual([0, '']);
  expect(shown.stderr).toContain('1 task to cancel');
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
  expect(await reeve([...argv, '--yes'])).toEqual({ code: 0, stdout: '[]\n', stderr: '' });
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

test('a task that has ended since it was chosen is told, and no failure', async () => {
  const label = unique();
  const held = await submit('hold', '--label', label);
  await reeve(['task', 'wait', held, '--for=running']);
  const waiting = await submit('nobody', '--label', label);
  const typed = new PassThrough();
  const argv = ['task', 'cancel', '--label', label, '-o', 'json'];
  const cancelling = startReeve(argv, { ...PLAIN, typed });
  await cancelling.tells(/\[y\/N\]/);
  release();
  await reeve(['task', 'wait', held]);
  typed.end('y\n');
  const { code, stdout, stderr } = await cancelling.done;
  expect(JSON.parse(stdout)).toEqual([
    { taskId: waiting, ok: true, state: 'CANCELLED' },
    {
      taskId: held,
      ok: false,
      skipped: true,
      state: 'SUCCEEDED',
      error: expect.objectContaining({ code: 'TASK_ENDED' }),
    },
  ]);
  expect(code).toBe(0);
  expect(stderr).toContain('Cancelled 1 of 2 tasks, skipped 1 whose state had changed.');
});

test('what fails is told for each task, and is 1 in the end', async () => {
  const label = unique();
  await submitMany(3, label);
  // Longer than the coordinator lets an agent have.
  const argv = ['task', 'cancel', '--label', label, '--grace', '2h', '--yes'];
  const { code, stdout, stderr } = await reeve(argv);
  expect(code).toBe(1);
  const entries = JSON.parse(stdout);
  expect(entries).toHaveLength(3);
  for (const entry of entries) expect(entry).toMatchObject({ ok: false, error: { retryable: false } });
  expect(JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '').message).toMatch(
    /^3 of 3 tasks failed; the first: /,
  );
  const table = await reeve(argv, PLAIN);
  expect(table.stdout.match(/\bfailed\b/g)).toHaveLength(3);
});

test('when the coordinator goes, the rest is not tried one by one', async () => {
  const coordinator = await startCoordinator();
  const label = unique();
  await submitMany(80, label, coordinator.address);
  const env = { REEVE_ADDRESS: coordinator.address };
  await reeve(['task', 'cancel', '--label', label, '--yes'], { env });
  const typed = new PassThrough();
  const retrying = startReeve(['task', 'retry', '--label', label, '-o', 'json'], { ...PLAIN, typed, env });
  await retrying.tells(/\[y\/N\]/);
  await coordinator.stop();
  typed.end('y\n');
  const { code, stdout } = await retrying.done;
  const codes = JSON.parse(stdout).map((entry: { error: { code: string } }) => entry.error.code);
  expect([code, codes.length]).toEqual([1, 80]);
  expect(new Set(codes)).toEqual(new Set(['UNREACHABLE', 'NOT_TRIED']));
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
