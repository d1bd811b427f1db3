import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { AGENT_ID, setupFleet } from './support/fleet.js';

const { reeve } = setupFleet();

test('submit --wait gives the task with its output', async () => {
  const argv = [
    'submit',
    'echo',
    '--input',
    '{"n":1}',
    '--tier',
    'high',
    '--human',
    '--label',
    'a=b=c',
    '--wait',
  ];
  const { code, stdout, stderr } = await reeve(argv);
  expect([code, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toMatchObject({
    kind: 'echo',
    state: 'SUCCEEDED',
    tier: 'HIGH',
    source: 'HUMAN',
    labels: { a: 'b=c' },
    agentId: AGENT_ID,
    output: { n: 1 },
  });
});

test('input comes from a pipe too', async () => {
  const { stdout } = await reeve(['submit', 'echo', '-', '--wait'], { stdin: '[1, 2]\n' });
  expect(JSON.parse(stdout).output).toEqual([1, 2]);
});

test('submit without --wait says what was accepted, and on a terminal how to follow it', async () => {
  const piped = JSON.parse((await reeve(['submit', 'nobody'])).stdout);
  expect(piped).toMatchObject({ kind: 'nobody', state: 'QUEUED', alreadySubmitted: false });
  const shown = await reeve(['submit', 'nobody'], { tty: true, env: { NO_COLOR: '1' } });
  const [, id = ''] = /^Task +(\S+)\n/.exec(shown.stdout) ?? [];
  expect(shown.stderr).toBe(`Follow it: reeve task watch ${id}\n`);
});

test('submit --assign-wait names the agent, or says why there is none', async () => {
  const taken = JSON.parse((await reeve(['submit', 'echo', '--assign-wait', '20s'])).stdout);
  expect(taken).toMatchObject({ agentId: AGENT_ID, notes: [] });
  const { code, stdout, stderr } = await reeve(['submit', 'nobody', '--assign-wait', '50ms']);
  expect(code).toBe(0);
  expect(stderr).toContain('none of 1 connected may get it: 1 without the capabilities nobody.');
  expect(JSON.parse(stdout)).toMatchObject({ state: 'QUEUED' });
});

test('a required capability is asked for besides the kind', async () => {
  const { stdout } = await reeve(['submit', 'echo', '--input', '1', '--requires', 'gpu', '--wait']);
  expect(JSON.parse(stdout)).toMatchObject({
    state: 'SUCCEEDED',
    requirements: { capabilities: ['echo', 'gpu'] },
  });
});

test('the same request id gives the same task, with another body a conflict', async () => {
  const id = `request-${randomUUID()}`;
  const first = JSON.parse((await reeve(['submit', 'nobody', '--request-id', id])).stdout);
  const again = JSON.parse((await reeve(['submit', 'nobody', '--request-id', id])).stdout);
  expect(again).toMatchObject({ taskId: first.taskId, alreadySubmitted: true });
  const other = await reeve(['submit', 'nobody', '--request-id', id, '--goal', 'another']);
  expect(other.code).toBe(5);
  expect(JSON.parse(other.stderr).code).toBe('REQUEST_ID_REUSED');
});

test('a task that fails is 6, and is printed all the same', async () => {
  const { code, stdout, stderr } = await reeve(['submit', 'refuse', '--wait']);
  expect(code).toBe(6);
  expect(JSON.parse(stdout)).toMatchObject({ state: 'FAILED', error: { kind: 'NO_THANKS' } });
  expect(JSON.parse(stderr)).toMatchObject({ code: 'TASK_FAILED', retryable: false });
  expect(JSON.parse(stderr).message).toContain('NO_THANKS: not today');
});

test('a wait that runs out of time is 124 and tells how to wait on', async () => {
  const { code, stdout, stderr } = await reeve(['submit', 'nobody', '--wait', '--timeout', '1500ms']);
  expect([code, stdout]).toEqual([124, '']);
  const { hint, code: name } = JSON.parse(stderr);
  expect(name).toBe('TIMEOUT');
  const [, id = ''] = /reeve task wait (\S+)/.exec(hint) ?? [];
  expect(JSON.parse((await reeve(['task', 'get', id])).stdout).state).toBe('QUEUED');
});

test.each(['--limit-key', '--fairness-key', '--affinity-key'])(
  '%s goes along with the task',
  async (option) => {
    const refused = await reeve(['submit', 'echo', option, 'x'.repeat(300)]);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain(`${option}: must have at most 200 characters`);
    const { code, stdout } = await reeve(['submit', 'echo', option, 'openai', '--wait']);
    expect([code, JSON.parse(stdout).state]).toEqual([0, 'SUCCEEDED']);
  },
);
