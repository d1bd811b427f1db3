import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { durationFromMs, timestampFromMs } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import {
  WorkflowEventType,
  WorkflowNodeState,
  WorkflowService,
  type WorkflowSpec,
  WorkflowState,
} from '@reeve/sdk/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { FakeCoordinator, statusError } from '../../sdk/typescript/test/support/fake-coordinator.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { type RunOptions, run } from './support/world.js';

const { method } = WorkflowService;
const ID = '00000000-0000-7000-8000-000000000001';
const PLAIN = { tty: true, env: { NO_COLOR: '1' } };

const YAML = `name: nightly
params: {limit: 3}
groups:
  - id: collect
    tasks:
      - id: list
        kind: folder.list
  - id: read
    depends_on: collect
    tasks:
      - id: digest
        kind: text.digest
        expand:
          array: {file: results.list.files}
        timeout: 30s
`;

async function setup() {
  const server = await FakeCoordinator.start();
  onTestFinished(() => server.crash());
  const reeve = (argv: readonly string[], options: RunOptions = {}) =>
    run(argv, { ...options, env: { REEVE_ADDRESS: server.address, ...options.env } });
  const started: { spec: WorkflowSpec | undefined; requestId: string }[] = [];
  server.answer(method.startWorkflow, ({ spec, requestId }) => {
    started.push({ spec, requestId });
    return { workflow: at(WorkflowState.INITIALIZING) };
  });
  server.answer(method.getWorkflow, () => ({ workflow: at(WorkflowState.PROCESSING) }));
  return { server, reeve, started };
}

async function fileOf(text: string, name = 'nightly.yaml'): Promise<string> {
  const file = path.join(temporaryFolder('workflow'), name);
  await writeFile(file, text);
  return file;
}

const at = (state: WorkflowState, more: object = {}) => ({
  workflowId: ID,
  name: 'nightly',
  state,
  version: 1n,
  createTime: timestampFromMs(0),
  ...more,
});

const node = (groupId: string, taskId: string, state: WorkflowNodeState, counts: readonly number[] = []) => {
  const [total = 0, succeeded = 0, failed = 0] = counts;
  return {
    ...{ groupId, taskId, state },
    totalCount: BigInt(total),
    submittedCount: BigInt(total),
    succeededCount: BigInt(succeeded),
    failedCount: BigInt(failed),
    ...(state !== WorkflowNodeState.WAITING && { startTime: timestampFromMs(1_000) }),
    waitsFor: groupId === 'read' && taskId === '' ? ['collect'] : [],
  };
};

test('workflow start sends what the file says, with params and context that are given beside it', async () => {
  const { reeve, started } = await setup();
  const given = [
    '--param',
    'limit=5',
    '--param',
    'mode=fast',
    '--context',
    'user.name=Ada',
    '--request-id',
    'x-1',
  ];
  const { code, stdout } = await reeve(['workflow', 'start', await fileOf(YAML), ...given]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ workflowId: ID, state: 'PROCESSING' });
  expect(started).toHaveLength(1);
  const [{ spec, requestId } = { spec: undefined, requestId: '' }] = started;
  expect(requestId).toBe('x-1');
  expect(spec).toMatchObject({
    name: 'nightly',
    params: { limit: 5, mode: 'fast' },
    context: { user: { name: 'Ada' } },
    groups: [{ groupId: 'collect' }, { dependsOn: ['collect'] }],
  });
  const settings = spec?.groups[1]?.tasks[0]?.settings;
  expect(settings?.timeout).toEqual(durationFromMs(30_000));
  expect(settings?.expansion?.arrayMapping).toMatchObject([{ name: 'file', path: 'results.list.files' }]);
});

test('a workflow in JSON comes from standard input, and only its id goes back', async () => {
  const { reeve, started } = await setup();
  const stdin = JSON.stringify({ groups: [{ id: 'g', tasks: [{ id: 't', kind: 'k' }] }] }, null, '\t');
  const { stdout } = await reeve(['workflow', 'start', '-', '-o', 'name'], { stdin });
  expect(stdout).toBe(`${ID}\n`);
  expect(started[0]?.spec?.groups[0]?.tasks[0]?.kind).toBe('k');
});

test.each([
  [
    'a key',
    YAML.replace('depends_on', 'depends-onn'),
    /:9:5: groups\[1\]\.depends-onn: .*did you mean depends_on\?/,
  ],
  ['a value', YAML.replace('30s', 'soon'), /:15:9: groups\[1\]\.tasks\[0\]\.timeout: must be a time/],
  ['what an alias stands for', `${YAML}x: &a 1\ny: *a\n`, /:16:1: x: is not known of a workflow/],
  ['what is no YAML', 'groups: [', /nightly\.yaml:1:10: this is neither YAML nor JSON that can be read/],
  ['a key that is there twice', 'name: a\nname: b\n', /:2:1: this is neither YAML nor JSON.*unique/],
  ['an empty file', '', /nightly\.yaml.*: the workflow: must be an object, not nothing/],
])('%s that is wrong is shown with line and column', async (_, text, message) => {
  const { reeve, started } = await setup();
  const { code, stderr } = await reeve(['workflow', 'start', await fileOf(text)], PLAIN);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
  expect(started).toEqual([]);
});

test('what the coordinator finds wrong is shown with its place in the file', async () => {
  const { server, reeve } = await setup();
  const violations = [
    { field: 'spec.groups[1].depends_on[0]', description: 'UNKNOWN_DEPENDENCY: there is no colect' },
    {
      field: 'spec.groups[1].tasks[0].settings.expansion.array_mapping[0].path',
      description: 'no such thing',
    },
  ];
  server.answer(method.startWorkflow, () => {
    throw statusError(status.INVALID_ARGUMENT, 'WORKFLOW_INVALID', 'it is invalid', { violations });
  });
  const file = await fileOf(YAML);
  const { code, stderr } = await reeve(['workflow', 'start', file], PLAIN);
  expect(code).toBe(2);
  expect(stderr).toContain(`${file}:9:5: groups[1].depends_on[0]: UNKNOWN_DEPENDENCY: there is no colect\n`);
  expect(stderr).toContain(`${file}:14:19: groups[1].tasks[0].settings.expansion`);
});

test('workflow validate shows problems, warnings, plan and stages', async () => {
  const { server, reeve } = await setup();
  const WAITING = WorkflowNodeState.WAITING;
  const answer = {
    valid: true,
    warnings: [{ field: 'spec.groups[0].tasks[0].kind', reason: 'NO_AGENT', description: 'nobody does it' }],
    plan: [
      node('collect', '', WAITING),
      node('collect', 'list', WAITING, [1]),
      node('read', '', WAITING),
      node('read', 'digest', WAITING, [4]),
    ],
    stages: [{ nodes: ['collect.list'] }, { nodes: ['read.digest'] }],
  };
  server.answer(method.validateWorkflow, () => answer);
  const file = await fileOf(YAML);
  const good = await reeve(['workflow', 'validate', file], PLAIN);
  expect(good.code).toBe(0);
  expect(good.stderr).toBe(`warning: ${file}:7:9: groups[0].tasks[0].kind: NO_AGENT: nobody does it\n`);
  expect(good.stdout).toBe(
    'Plan    collect\n           list\n        read  after collect\n           digest  4 tasks\nStages  1  collect.list\n        2  read.digest\n',
  );
  const problem = { field: 'spec.groups[1]', reason: 'CYCLE', description: 'read → read' };
  server.answer(method.validateWorkflow, () => ({ ...answer, valid: false, problems: [problem] }));
  const bad = await reeve(['workflow', 'validate', file], PLAIN);
  expect(bad.code).toBe(2);
  expect(bad.stderr).toContain(`${file}:8:5: groups[1]: CYCLE: read → read\n`);
  const json = await reeve(['workflow', 'validate', file]);
  expect(json.code).toBe(2);
  expect(JSON.parse(json.stdout)).toMatchObject({
    valid: false,
    problems: [{ at: `${file}:8:5`, reason: 'CYCLE' }],
  });
});

const RUNNING = [
  node('collect', '', WorkflowNodeState.SUCCEEDED),
  { ...node('collect', 'list', WorkflowNodeState.SUCCEEDED, [1, 1]), finishTime: timestampFromMs(3_000) },
  node('read', '', WorkflowNodeState.RUNNING),
  node('read', 'digest', WorkflowNodeState.RUNNING, [4, 1, 1]),
];
const progress = { totalCount: 5n, succeededCount: 2n, failedCount: 1n, fraction: 0.6 };

test('workflow watch draws a tree in place on a terminal, and says by its exit code how it ended', async () => {
  const { server, reeve } = await setup();
  server.stream(method.watchWorkflow, (_, stream) => {
    stream.send({ workflow: at(WorkflowState.PROCESSING, { nodes: RUNNING, progress }) });
    const reason = 'TASK_FAILED: read.digest';
    stream.send({ workflow: at(WorkflowState.FAILED, { nodes: RUNNING, progress, reason, version: 2n }) });
  });
  const { code, stdout, stderr } = await reeve(['workflow', 'watch', ID], { ...PLAIN, now: () => 11_000 });
  expect(code).toBe(6);
  expect(stderr).toContain('is FAILED: TASK_FAILED: read.digest');
  expect(stderr).toContain(`reeve workflow retry ${ID}`);
  const [first = '', second = ''] = stdout.split('\u001b[5A');
  const lines = first.split('\n').map((line) => line.replace(/^.*\r/, '').replace('\u001b[K', ''));
  expect(lines.slice(0, 5)).toEqual([
    'nightly  PROCESSING  █████████░░░░░░░  3/5  60 %  1 failed  11s',
    '├─ collect    SUCCEEDED   ████████████████  1/1  100 %  10s',
    '│  └─ list    SUCCEEDED   ████████████████  1/1  100 %  2s',
    '└─ read       RUNNING     ████████░░░░░░░░  2/4  50 %  1 failed  10s',
    '   └─ digest  RUNNING     ████████░░░░░░░░  2/4  50 %  1 failed  10s',
  ]);
  expect(second).toContain('nightly  FAILED');
  expect(stdout.endsWith('\u001b[?25h')).toBe(true);
});

test('workflow watch in a pipe writes the workflow after each change, or a line for what has changed', async () => {
  const { server, reeve } = await setup();
  server.stream(method.watchWorkflow, (_, stream) => {
    stream.send({ workflow: at(WorkflowState.PROCESSING, { nodes: RUNNING.slice(0, 2), progress }) });
    stream.send({ workflow: at(WorkflowState.PROCESSING, { nodes: RUNNING.slice(0, 2), progress }) });
    stream.send({
      workflow: at(WorkflowState.SUCCEEDED, { nodes: RUNNING.slice(0, 2), progress, version: 2n }),
    });
  });
  const json = await reeve(['workflow', 'watch', ID]);
  expect(json.code).toBe(0);
  const states = json.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).state);
  expect(states).toEqual(['PROCESSING', 'SUCCEEDED']);
  const lines = await reeve(['workflow', 'watch', ID, '-o', 'table'], { now: () => 1_000 });
  expect(lines.stdout).toBe(
    [
      '00:00:01  .  PROCESSING  3/5',
      '00:00:01  collect  SUCCEEDED',
      '00:00:01  collect.list  SUCCEEDED  1/1',
      '00:00:01  .  SUCCEEDED  3/5\n',
    ].join('\n'),
  );
});

test('workflow start --wait shows the workflow with its context when it has ended', async () => {
  const { server, reeve } = await setup();
  const ended = at(WorkflowState.PARTIAL, { reason: 'read.digest is PARTIAL' });
  server.stream(method.watchWorkflow, (_, stream) => stream.send({ workflow: ended }));
  const context = { kind: { case: 'stringValue' as const, value: 'all of it' } };
  server.answer(method.getWorkflow, () => ({ workflow: { ...ended, context } }));
  const { code, stdout, stderr } = await reeve(['workflow', 'start', await fileOf(YAML), '--wait']);
  expect(code).toBe(6);
  expect(JSON.parse(stdout)).toMatchObject({ state: 'PARTIAL', context: 'all of it' });
  expect(JSON.parse(stderr)).toMatchObject({ code: 'WORKFLOW_PARTIAL' });
});

test('workflow context shows and changes a part, and refuses what does not go together', async () => {
  const { server, reeve } = await setup();
  const patches: unknown[] = [];
  server.answer(method.updateWorkflowContext, (request) => {
    for (const { path: where, value, expectedVersion } of request.patches) {
      patches.push([where, value?.kind.case, expectedVersion]);
    }
    return { contextVersion: 2n };
  });
  const context = { kind: { case: 'numberValue' as const, value: 5 } };
  server.answer(method.getWorkflow, ({ contextPath }) => ({
    workflow: at(WorkflowState.PROCESSING, { contextVersion: 2n, ...(contextPath && { context }) }),
    pathVersion: 2n,
  }));
  const changed = await reeve(['workflow', 'context', ID, 'limit', '--set', 'limit=5', '--unset', 'mode']);
  expect(JSON.parse(changed.stdout)).toEqual({ path: 'limit', value: 5, pathVersion: 2, contextVersion: 2 });
  await reeve(['workflow', 'context', ID, '--set', 'limit=6', '--if-version', '2']);
  expect(patches).toEqual([
    ['limit', 'numberValue', undefined],
    ['mode', undefined, undefined],
    ['limit', 'numberValue', 2n],
  ]);
  for (const wrong of [
    ['--restore', '1', '--set', 'a=1'],
    ['--if-version', '1', '--set', 'a=1', '--set', 'b=1'],
  ]) {
    expect((await reeve(['workflow', 'context', ID, ...wrong])).code).toBe(2);
  }
});

test('workflow list, get, cancel, retry and events show what the coordinator says', async () => {
  const { server, reeve } = await setup();
  server.answer(method.listWorkflows, ({ states, name, labels }) => ({
    workflows: [at(states[0] ?? 0, { name, labels })],
  }));
  const listed = await reeve(['workflow', 'list', '--state', 'failed', '--name', 'x', '--label', 'a=b']);
  expect(JSON.parse(listed.stdout)).toMatchObject([{ state: 'FAILED', name: 'x', labels: { a: 'b' } }]);
  server.answer(method.getWorkflow, () => ({
    workflow: at(WorkflowState.PROCESSING, { nodes: RUNNING, progress }),
  }));
  const shown = await reeve(['workflow', 'get', ID], PLAIN);
  expect(shown.stdout).toMatch(/State +PROCESSING {2}60 %\n/);
  expect(shown.stdout).toContain('└─ read       RUNNING');
  server.answer(method.cancelWorkflow, ({ reason }) => ({
    workflow: at(WorkflowState.COMPLETING, { reason }),
  }));
  const cancelled = await reeve(['workflow', 'cancel', ID, '--reason', 'wrong data']);
  expect(JSON.parse(cancelled.stdout)).toMatchObject({ state: 'COMPLETING', reason: 'wrong data' });
  server.answer(method.retryWorkflow, () => {
    throw statusError(status.FAILED_PRECONDITION, 'WORKFLOW_NOT_RETRYABLE', 'it runs');
  });
  expect((await reeve(['workflow', 'retry', ID])).code).toBe(5);
  server.answer(method.listWorkflowEvents, () => ({
    events: [{ seq: 1n, type: WorkflowEventType.STARTED, state: WorkflowState.INITIALIZING }],
  }));
  const events = await reeve(['workflow', 'events', ID, '-o', 'csv']);
  expect(events.stdout).toContain('\n1,1970-01-01T00:00:00.000Z,STARTED,INITIALIZING,');
});
