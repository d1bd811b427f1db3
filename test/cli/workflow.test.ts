import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import { WorkflowEventType, WorkflowNodeState, WorkflowState } from '@reeve/sdk/protocol';
import { expect, test } from 'vitest';
import { statusError } from '../../sdk/typescript/test/support/fake-coordinator.js';
import { at, fileOf, ID, method, node, PLAIN, setup, YAML } from './support/workflow.js';

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
