import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { MAIN } from './support/coordinator.js';
import { setupFleet } from './support/fleet.js';

const { reeve, submit, address } = setupFleet();

const HOSTILE = '\u001b]0;owned\u0007\u009b2J\u202egnp.exe';

test('what does not exist is 3, whichever way it is asked for', async () => {
  const id = randomUUID();
  for (const argv of [
    ['task', 'get', id],
    ['task', 'wait', id],
    ['task', 'watch', id],
    ['task', 'events', id],
    ['task', 'cancel', id],
    ['task', 'retry', id],
    ['agent', 'get', 'nobody-at-all'],
  ]) {
    const { code, stderr } = await reeve(argv);
    expect([argv, code, JSON.parse(stderr).hint]).toEqual([
      argv,
      3,
      expect.stringContaining(`reeve ${argv[0]} list`),
    ]);
  }
});

test('what the server refuses is a usage error', async () => {
  const { code, stderr } = await reeve(['task', 'get', 'no-uuid']);
  expect(code).toBe(2);
  expect(JSON.parse(stderr).message).toContain('ID: must be a UUID');
});

test('what an agent wrote cannot control the terminal', async () => {
  const id = await submit('echo', '--input', JSON.stringify({ [HOSTILE]: HOSTILE }), '--goal', 'plain');
  await reeve(['task', 'wait', id]);
  for (const format of ['table', 'json', 'jsonl', 'yaml', 'csv', 'name']) {
    const { stdout } = await reeve(['task', 'get', id, '-o', format], { tty: true, env: { NO_COLOR: '1' } });
    expect([format, stdout]).not.toEqual([format, '']);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not appear
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  }
});

test('what an attempt has left is told of, and told where it is asked for', async () => {
  const id = await submit('leave', '--input', '{"page":3}');
  await reeve(['task', 'wait', id]);
  const shown = async (...more: string[]) => (await reeve(['task', 'get', id, ...more])).stdout;
  const { checkpoint } = JSON.parse(await shown());
  expect(checkpoint).toEqual({ sizeBytes: 10, updateTime: expect.any(String), epoch: 1 });
  expect(JSON.parse(await shown('--checkpoint')).checkpoint).toEqual({ ...checkpoint, content: { page: 3 } });
  const people = { tty: true, env: { NO_COLOR: '1' } };
  const { stdout } = await reeve(['task', 'get', id, '--checkpoint', '-o', 'table'], people);
  expect(stdout).toMatch(/\nCheckpoint +10 bytes, .* by epoch 1\n/);
  expect(stdout).toContain('Goes on from');
  const both = await reeve(['task', 'get', id, '--checkpoint', '--watch']);
  expect([both.code, JSON.parse(both.stderr).message]).toEqual([
    2,
    '--checkpoint and --watch exclude each other',
  ]);
});

test('the audit trail is listed in order', async () => {
  const id = await submit('echo', '--input', '1');
  await reeve(['task', 'wait', id]);
  const events = JSON.parse((await reeve(['task', 'events', id])).stdout);
  expect(events.map((event: { seq: number }) => event.seq)).toEqual(
    events.map((_: unknown, at: number) => at + 1),
  );
  expect(events[0].type).toBe('SUBMITTED');
  expect(events.at(-1).type).toBe('SUCCEEDED');
});

test('the installed command behaves the same: exit code, data and errors apart', async () => {
  const id = randomUUID();
  const { code, stdout, stderr } = await new Promise<{ code: unknown; stdout: string; stderr: string }>(
    (resolve) => {
      const env = { ...process.env, REEVE_ADDRESS: address(), REEVE_CONFIG: '/nowhere/at/all' };
      execFile(process.execPath, [MAIN, 'task', 'get', id], { env }, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, stdout, stderr }),
      );
    },
  );
  expect([code, stdout]).toEqual([3, '']);
  expect(JSON.parse(stderr)).toMatchObject({ code: 'TASK_NOT_FOUND', retryable: false });
});
