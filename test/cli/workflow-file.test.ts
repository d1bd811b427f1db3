import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import { WorkflowNodeState } from '@reeve/sdk/protocol';
import { expect, test } from 'vitest';
import { statusError } from '../../sdk/typescript/test/support/fake-coordinator.js';
import { fileOf, ID, method, node, PLAIN, setup, YAML } from './support/workflow.js';

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
