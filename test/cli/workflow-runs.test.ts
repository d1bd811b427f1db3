import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { setupFleet } from './support/fleet.js';

const { reeve, release } = setupFleet();

const TWO = `name: two
context: {note: before}
groups:
  - id: first
    tasks: [{id: wait, kind: hold}]
  - id: second
    depends_on: first
    tasks:
      - {id: say, kind: echo, input: {note: '{{ context.note }}', mark: '{{ params.mark }}'}, result_key: said}
`;

async function start(...more: string[]): Promise<string> {
  const argv = ['workflow', 'start', '-', '--param', 'mark=7', '-o', 'name', ...more];
  const { stdout, stderr } = await reeve(argv, { stdin: TWO });
  expect(stderr).toBe('');
  return stdout.trim();
}

const stateOf = async (id: string) => JSON.parse((await reeve(['workflow', 'get', id])).stdout).state;

test('a workflow is started, its context changed while it runs, and watched to its end', async () => {
  const id = await start();
  const set = await reeve(['workflow', 'context', id, 'note', '--set', 'note=after', '--if-version', '0']);
  expect(set.code).toBe(5);
  const read = JSON.parse((await reeve(['workflow', 'context', id, 'note'])).stdout);
  expect(read.value).toBe('before');
  const version = String(read.pathVersion);
  const changed = await reeve([
    'workflow',
    'context',
    id,
    'note',
    '--set',
    'note=after',
    '--if-version',
    version,
  ]);
  expect(JSON.parse(changed.stdout).value).toBe('after');
  await expect
    .poll(
      async () =>
        (await reeve(['task', 'list', '--workflow', id, '--state', 'running', '-o', 'name'])).stdout,
    )
    .not.toBe('');
  release();
  const watched = await reeve(['workflow', 'watch', id]);
  expect(watched.code).toBe(0);
  expect(JSON.parse(watched.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
    state: 'SUCCEEDED',
    progress: { totalCount: 2, succeededCount: 2, fraction: 1 },
  });
  const { stdout } = await reeve(['workflow', 'context', id, 'said']);
  expect(JSON.parse(stdout).value).toEqual({ note: 'after', mark: 7 });
  const tasks = JSON.parse((await reeve(['task', 'list', '--workflow', id])).stdout);
  expect(tasks.map(({ kind, workflow }: { kind: string; workflow: object }) => [kind, workflow])).toEqual([
    ['echo', { workflowId: id, groupId: 'second', taskId: 'say', sequenceNum: 1, run: 1 }],
    ['hold', { workflowId: id, groupId: 'first', taskId: 'wait', sequenceNum: 1, run: 1 }],
  ]);
});

test('a task says of which workflow it is, and which of its items', async () => {
  const stdin = JSON.stringify({
    groups: [
      {
        id: 'g',
        tasks: [
          {
            id: 'each',
            kind: 'echo',
            instructions: 'Say {{ item.word }}.',
            input: { words: ['ja', 'nein'] },
            expand: { array: { word: 'words' }, item_identifier: 'word' },
          },
        ],
      },
    ],
  });
  const ended = JSON.parse((await reeve(['workflow', 'start', '-', '--wait'], { stdin })).stdout);
  expect(ended.state).toBe('SUCCEEDED');
  const [last] = JSON.parse((await reeve(['task', 'list', '--workflow', ended.workflowId])).stdout);
  const shown = await reeve(['task', 'get', last.taskId], { tty: true, env: { NO_COLOR: '1' } });
  const [n, word] = shown.stdout.includes('2 of 2') ? [2, 'nein'] : [1, 'ja'];
  expect(shown.stdout).toContain(`Workflow      ${ended.workflowId} g.each, ${n} of 2 (${word})\n`);
  expect(shown.stdout).toContain(`Instructions  Say ${word}.\n`);
});

const USERS = [
  { id: 1, name: 'Alice', role: 'admin' },
  { id: 2, name: 'Bob', role: 'user' },
  { id: 3, name: 'Carol', role: 'user' },
];
const METRICS = ['sales', 'growth'];

test.each([
  [
    {
      input_array: ['item1', 'item2', 'item3'],
      expansion_config: { type: 'array', array_mapping: { input: 'input_array' }, output_format: 'separate' },
    },
    ['item1', 'item2', 'item3'].map((input) => ({ input })),
  ],
  [
    {
      users: USERS,
      expansion_config: { type: 'array', array_mapping: { user: 'users' }, output_format: 'separate' },
    },
    USERS.map((user) => ({ user })),
  ],
  [
    {
      rows: ['A', 'B'],
      cols: [1, 2, 3],
      expansion_config: { type: 'matrix', array_mapping: { row: 'rows', col: 'cols' } },
    },
    ['A', 'B'].flatMap((row) => [1, 2, 3].map((col) => ({ row, col }))),
  ],
  [
    {
      data: { regions: ['US', 'EU'], years: [2022, 2023], metrics: METRICS },
      expansion_config: {
        type: 'custom',
        transform_rules: { combine: ['regions', 'metrics'], filter: { years: '>2021' } },
      },
    },
    ['US', 'EU'].flatMap((regions) => METRICS.map((metrics) => ({ regions, metrics, years: [2022, 2023] }))),
  ],
])('an input with an expansion in it becomes a task for each item: %j', async (input, wanted) => {
  const stdin = JSON.stringify({ groups: [{ id: 'g', tasks: [{ id: 't', kind: 'echo', input }] }] });
  const ended = JSON.parse((await reeve(['workflow', 'start', '-', '--wait'], { stdin })).stdout);
  expect(ended.state).toBe('SUCCEEDED');
  const results: { output: object }[] = ended.context.outputs.g.t.task_results;
  expect(results.map(({ output }) => output)).toEqual(wanted);
});

test('a workflow that was cancelled is run again from where it was', async () => {
  const id = await start();
  await expect.poll(() => stateOf(id)).toBe('PROCESSING');
  expect((await reeve(['workflow', 'retry', id])).code).toBe(5);
  const cancelled = await reeve(['workflow', 'cancel', id, '--reason', 'wrong data']);
  expect(cancelled.code).toBe(0);
  release();
  const watched = await reeve(['workflow', 'watch', id]);
  expect(watched.code).toBe(6);
  const { code, message } = JSON.parse(watched.stderr);
  expect([code, message]).toEqual(['WORKFLOW_CANCELLED', expect.stringContaining('wrong data')]);
  const [task] = JSON.parse((await reeve(['task', 'list', '--workflow', id])).stdout);
  const trail = await reeve(['task', 'events', task.taskId]);
  expect(JSON.parse(trail.stdout)).toContainEqual(
    expect.objectContaining({ reason: 'CANCELLED: wrong data' }),
  );
  const retried = await reeve(['workflow', 'retry', id, '--wait']);
  expect(retried.code).toBe(0);
  expect(JSON.parse(retried.stdout)).toMatchObject({ state: 'SUCCEEDED', run: 2 });
  const { stdout } = await reeve(['workflow', 'events', id]);
  const events = JSON.parse(stdout) as { type: string; reason: string }[];
  const types = events.map(({ type }) => type);
  expect(types).toEqual(expect.arrayContaining(['STARTED', 'CANCEL_REQUESTED', 'RETRIED']));
  expect(events.find(({ type }) => type === 'CANCEL_REQUESTED')?.reason).toBe('wrong data');
  expect(types.at(-1)).toBe('FINISHED');
});

test('a workflow that is PARTIAL is run again: what failed of it, and nothing else', async () => {
  const half = {
    context: { words: ['ja', 'nein', 'doch'] },
    groups: [
      {
        id: 'g',
        tasks: [
          {
            ...{ id: 'each', kind: 'relent', on_failure: 'continue' },
            input: { refuse: "{{ item.word == 'nein' }}" },
            expand: { array: { word: 'context.words' } },
          },
          { id: 'after', kind: 'echo', depends_on: 'each', input: 'was run' },
        ],
      },
    ],
  };
  const statesOf = async (id: string) => {
    const { stdout } = await reeve(['workflow', 'context', id, 'outputs.g.each.task_results']);
    return (JSON.parse(stdout).value as { state: string }[]).map(({ state }) => state);
  };
  const started = await reeve(['workflow', 'start', '-', '--wait'], { stdin: JSON.stringify(half) });
  expect(started.code).toBe(6);
  const { workflowId: id, state } = JSON.parse(started.stdout);
  expect(state).toBe('PARTIAL');
  expect(await statesOf(id)).toEqual(['SUCCEEDED', 'FAILED', 'SUCCEEDED']);
  const again = await reeve(['workflow', 'retry', id, '--reason', 'it may relent', '-o', 'json']);
  expect(again.code).toBe(0);
  expect(JSON.parse(again.stdout)).toMatchObject({ workflowId: id, run: 2 });
  expect((await reeve(['workflow', 'watch', id])).code).toBe(0);
  expect(await statesOf(id)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
  const tasks = JSON.parse((await reeve(['task', 'list', '--workflow', id])).stdout);
  expect(tasks.map(({ kind, series }: { kind: string; series: number }) => [kind, series])).toEqual([
    ['echo', 0],
    ['relent', 0],
    ['relent', 1],
    ['relent', 0],
  ]);
  const events = JSON.parse((await reeve(['workflow', 'events', id])).stdout);
  expect(events).toContainEqual(expect.objectContaining({ type: 'RETRIED', reason: 'it may relent' }));
  expect((await reeve(['workflow', 'retry', id])).code).toBe(5);
});

test.each([
  ['nte', 'there is nothing at nte in the context; it has list, note, outputs'],
  ['note.first', 'there is nothing at note.first in the context; note has no parts'],
  ['outputs.first.wiat.more', 'outputs.first has wait'],
  ['list[3]', 'there is nothing at list[3] in the context; list is a list of 2'],
])(
  'a part of a context that is not there is not found, and what is near is named: %s',
  async (path, words) => {
    const id = await start('--context', 'list=[1,2]', '--context', 'outputs={"first":{"wait":{}}}');
    const { code, stdout, stderr } = await reeve(['workflow', 'context', id, path]);
    expect([code, stdout]).toEqual([3, '']);
    expect(JSON.parse(stderr)).toMatchObject({
      ...{ code: 'CONTEXT_PATH_NOT_FOUND', retryable: true, message: expect.stringContaining(words) },
      hint: `See all that there is: reeve workflow context ${id}`,
    });
    expect((await reeve(['workflow', 'context', id, path, '--at', '0'])).code).toBe(3);
    expect((await reeve(['workflow', 'context', id, 'note', '--unset', 'note'])).code).toBe(0);
    await reeve(['workflow', 'cancel', id]);
  },
);

test('what is no path, and no value for one, is said of what was typed', async () => {
  const id = await start();
  const read = await reeve(['workflow', 'context', id, 'a..b']);
  expect([read.code, JSON.parse(read.stderr).message]).toEqual([2, 'PATH: must be a path such as user.name']);
  const deep = `x=${'['.repeat(200)}${']'.repeat(200)}`;
  const set = await reeve(['workflow', 'context', id, '--set', deep]);
  expect([set.code, JSON.parse(set.stderr).message]).toEqual([2, '--set: nests deeper than 64 levels']);
  await reeve(['workflow', 'cancel', id]);
});

test('a request id starts one workflow however often it is said, and no other', async () => {
  const requestId = `once-${randomUUID()}`;
  const id = await start('--request-id', requestId);
  expect(await start('--request-id', requestId)).toBe(id);
  const other = ['workflow', 'start', '-', '--param', 'mark=8', '--request-id', requestId];
  const refused = await reeve(other, { stdin: TWO });
  expect(refused.code).toBe(5);
  expect(JSON.parse(refused.stderr).hint).toBe(
    'Use another --request-id for another workflow, or start exactly the same one again.',
  );
  const listed = await reeve(['workflow', 'list', '--name', 'two', '--limit', '0', '-o', 'name']);
  expect(listed.stdout.split('\n').filter((line) => line === id)).toHaveLength(1);
});

test('what the coordinator finds wrong is shown with line and column', async () => {
  const wrong = TWO.replace('depends_on: first', 'depends_on: frist').replace('params.mark', 'params.mrak');
  const { code, stderr } = await reeve(['workflow', 'start', '-'], {
    stdin: wrong,
    tty: true,
    env: { NO_COLOR: '1' },
  });
  expect(code).toBe(2);
  expect(stderr).toContain('standard input:7:5: groups[1].depends_on[0]: UNKNOWN_DEPENDENCY: ');
  const missing = await reeve(['workflow', 'validate', '-'], { stdin: TWO });
  expect(missing.code).toBe(2);
  expect(JSON.parse(missing.stdout).problems).toMatchObject([
    { at: 'standard input:9:67', reason: 'UNKNOWN_VARIABLE' },
  ]);
});
