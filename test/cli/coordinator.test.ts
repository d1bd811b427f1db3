import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { type Agent, agent, TaskError } from '@reeve/sdk';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { type Coordinator, MAIN, startCoordinator } from './support/coordinator.js';
import { type RunOptions, run, start } from './support/world.js';

let coordinator: Coordinator;
let worker: Agent;
let release: () => void;
let released: Promise<void>;

const AGENT_ID = 'cli-test-agent';
const HOSTILE = '\u001b]0;owned\u0007\u009b2J\u202egnp.exe';

beforeAll(async () => {
  coordinator = await startCoordinator();
  worker = agent({ agentId: AGENT_ID, address: coordinator.address, capabilities: ['gpu'], tags: ['blue'] });
  worker.handle('echo', (input) => input);
  worker.handle('refuse', () => {
    throw new TaskError('NO_THANKS', 'not today', { retryable: false });
  });
  worker.handle('hold', async (_input, ctx) => {
    ctx.progress(0.5, 'half way');
    await released;
    return 'released';
  });
  await worker.start();
});

beforeEach(() => {
  released = new Promise((resolve) => {
    release = resolve;
  });
});

afterAll(async () => {
  await worker.stop();
  await coordinator.stop();
});

function reeve(argv: readonly string[], options: RunOptions = {}) {
  return run(argv, { ...options, env: { REEVE_ADDRESS: coordinator.address, ...options.env } });
}

function startReeve(argv: readonly string[], options: RunOptions = {}) {
  return start(argv, { ...options, env: { REEVE_ADDRESS: coordinator.address } });
}

async function submit(...argv: string[]): Promise<string> {
  const { stdout } = await reeve(['submit', ...argv, '-o', 'name']);
  return stdout.trim();
}

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
  expect(JSON.parse(stderr).message).toContain('task_id');
});

test('a list comes in every format', async () => {
  const label = `run=${randomUUID()}`;
  const ids = [await submit('nobody', '--label', label), await submit('nobody', '--label', label)].reverse();
  const list = async (...argv: string[]) => (await reeve(['task', 'list', '--label', label, ...argv])).stdout;

  const json = JSON.parse(await list());
  expect(json.map((task: { taskId: string }) => task.taskId)).toEqual(ids);
  expect(json[0].createTime).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect(parseYaml(await list('-o', 'yaml'))).toEqual(json);
  expect(
    (await list('-o', 'jsonl'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(json);
  expect(await list('-o', 'name')).toBe(`${ids.join('\n')}\n`);
  const [titles, ...rows] = (await list('-o', 'csv')).trimEnd().split('\n');
  expect(titles).toMatch(/^task,kind,state,/);
  expect(rows.map((row) => row.split(',')[0])).toEqual(ids);
  const [head, ...lines] = (await list('-o', 'table')).trimEnd().split('\n');
  expect(head).toMatch(/^TASK +KIND +STATE +TIER/);
  expect(lines.map((line) => line.split(/ +/).slice(0, 3))).toEqual(
    ids.map((id) => [id, 'nobody', 'QUEUED']),
  );
});

test('a list is a table on a terminal, and [] in a pipe when it is empty', async () => {
  const argv = ['task', 'list', '--label', `run=${randomUUID()}`];
  expect((await reeve(argv)).stdout).toBe('[]\n');
  expect((await reeve(argv, { tty: true })).stdout).toContain('No tasks.');
});

test('a list that is cut says so, outside the data', async () => {
  const label = `run=${randomUUID()}`;
  await submit('nobody', '--label', label);
  await submit('nobody', '--label', label);
  const { stdout, stderr } = await reeve(['task', 'list', '--label', label, '--limit', '1']);
  expect(JSON.parse(stdout)).toHaveLength(1);
  expect(stderr).toContain('--limit 0');
  const all = await reeve(['task', 'list', '--label', label, '--limit', '0']);
  expect([JSON.parse(all.stdout).length, all.stderr]).toEqual([2, '']);
});

test('another organisation sees nothing of it', async () => {
  const id = await submit('nobody');
  expect((await reeve(['task', 'get', id, '--org', 'elsewhere'])).code).toBe(3);
  expect((await reeve(['task', 'list'], { env: { REEVE_ORG: 'elsewhere' } })).stdout).toBe('[]\n');
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

test('a watched list prints what is new or has changed, until Ctrl-C', async () => {
  const label = `run=${randomUUID()}`;
  const watching = startReeve(['task', 'list', '--label', label, '--watch', '--interval', '20ms']);
  const id = await submit('nobody', '--label', label);
  await watching.prints(/"state":"QUEUED"/);
  await reeve(['task', 'cancel', id]);
  await watching.prints(/"state":"CANCELLED"/);
  watching.interrupt();
  const { code, stdout } = await watching.done;
  expect(code).toBe(130);
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).state),
  ).toEqual(['QUEUED', 'CANCELLED']);
});

test('agents are listed, found and shown', async () => {
  const listed = JSON.parse((await reeve(['agent', 'list', '--capability', 'echo', '--tag', 'blue'])).stdout);
  expect(listed).toHaveLength(1);
  expect(listed[0]).toMatchObject({ agentId: AGENT_ID, status: 'ACTIVE' });
  expect((await reeve(['agent', 'list', '--capability', 'nothing-has-this'])).stdout).toBe('[]\n');
  const one = await reeve(['agent', 'get', AGENT_ID], { tty: true, env: { NO_COLOR: '1' } });
  expect(one.stdout).toMatch(/^Agent +cli-test-agent\n/);
  expect(one.stdout).toMatch(/\nCapabilities +.*\bgpu\b/);
});

test('completion offers the ids that the server knows', async () => {
  const id = await submit('nobody');
  const tasks = await reeve(['__complete', 'zsh', '--', 'task', 'get', '']);
  expect(tasks.stdout).toContain(`${id}\tnobody QUEUED\n`);
  const agents = await reeve(['__complete', 'zsh', '--', 'agent', 'get', 'cli-']);
  expect(agents.stdout).toMatch(/^cli-test-agent\t/);
});

test('the installed command behaves the same: exit code, data and errors apart', async () => {
  const id = randomUUID();
  const { code, stdout, stderr } = await new Promise<{ code: unknown; stdout: string; stderr: string }>(
    (resolve) => {
      const env = { ...process.env, REEVE_ADDRESS: coordinator.address };
      execFile(process.execPath, [MAIN, 'task', 'get', id], { env }, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, stdout, stderr }),
      );
    },
  );
  expect([code, stdout]).toEqual([3, '']);
  expect(JSON.parse(stderr)).toMatchObject({ code: 'TASK_NOT_FOUND', retryable: false });
});
