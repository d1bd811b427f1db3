import { fromBinary } from '@bufbuild/protobuf';
import { TaskSpecSchema } from '@reeve/sdk/protocol';
import { describe, expect, test } from 'vitest';
import { createChecker } from '../../src/api/constraints/checker.js';
import { createSpecWriter } from '../../src/api/mapping/task-draft.js';
import { DEFAULT_RETRY } from '../../src/domain/tasks/retry.js';
import { createTimeOf } from '../../src/domain/tasks/task-id.js';
import { childRequestId, childTaskId } from '../../src/domain/workflows/child-id.js';
import type { Item } from '../../src/domain/workflows/expansion/items.js';
import { resolve } from '../../src/domain/workflows/resolve.js';
import type { TemplateSpec } from '../../src/domain/workflows/spec.js';
import type { Ports } from '../../src/usecases/ports.js';
import { type Making, makeTasks } from '../../src/usecases/workflows/make-tasks.js';
import { PLAIN_EXPRESSIONS } from '../simulation/plain-expressions.js';
import { joinWorkflow } from '../simulation/workflow-jobs.js';

const WORKFLOW = {
  org: 'org',
  name: 'w',
  workflowId: '018bcfe5-6800-7000-8000-000000000001',
  submitterSubjectId: 'ann',
};
const START = 1_700_000_000_000;
const rules = { defaultRetry: DEFAULT_RETRY, maxPayloadBytes: 1_000 };
const make = makeTasks({
  ports: { expressions: PLAIN_EXPRESSIONS } as Ports,
  specWriter: createSpecWriter(createChecker(), rules),
});

function making(task: Partial<TemplateSpec>, instructions = ''): Making {
  const spec = joinWorkflow('w', 1);
  const [group] = spec.groups;
  const [template] = group?.tasks ?? [];
  if (!group || !template) throw new Error('there is no task');
  const { plan } = resolve({
    ...spec,
    groups: [{ ...group, instructions, tasks: [{ ...template, ...task }] }],
  });
  const node = plan?.nodes[1];
  if (node?.kind !== 'TASK') throw new Error('there is no task');
  const scope = { context: { topic: 'tea', files: ['a', 'b'] }, params: {}, results: {}, now: START };
  const state = { run: 1, total: 3 };
  return { workflow: WORKFLOW, spec, node, state, startTime: START, scope };
}

async function made(task: Partial<TemplateSpec>, items: readonly Item[] | null = null, instructions = '') {
  const outcome = await make(making(task, instructions), items);
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.tasks.map((one) => ({ ...one, message: fromBinary(TaskSpecSchema, one.spec.body) }));
}

const item = (number: number, sources: readonly string[] = []): Item => ({
  item: number,
  identifier: `user-${number}`,
  data: { user: { id: number }, sequence_num: number },
  elements: { user: { id: number } },
  sources,
});

function inputOf(message: { input?: { content: { value?: unknown } } | undefined }): unknown {
  const value = message.input?.content.value;
  return value instanceof Uint8Array ? JSON.parse(Buffer.from(value).toString('utf8')) : undefined;
}

describe('a task without expansion', () => {
  test('gets its input, its words after those of its group, its message and its files', async () => {
    const [task] = await made(
      {
        input: { about: '{{ context.topic }}', all: '{{ context.files }}' },
        instructions: 'write on {{ context.topic }}',
        messageTemplate: '{{ context.files }}',
        files: ['x/{{ context.topic }}', '{{ context.files }}'],
        tools: ['pen'],
        name: 'Write',
      },
      null,
      'be brief',
    );
    expect(inputOf(task?.message ?? {})).toEqual({ about: 'tea', all: ['a', 'b'] });
    expect(task?.message.brief).toMatchObject({
      name: 'Write',
      instructions: 'be brief\n\nwrite on tea',
      message: '["a","b"]',
      files: ['x/tea', 'a', 'b'],
      tools: ['pen'],
    });
    expect(task?.message.item).toBeUndefined();
    expect(task?.workflow).toMatchObject({ workflowId: WORKFLOW.workflowId, node: 1, run: 1, item: 1 });
    expect(task?.spec.submitterSubjectId).toBe('ann');
  });

  test('has to end in time, from when it began', async () => {
    const { settings } = making({}).node;
    const [task] = await made({ settings: { ...settings, timeoutMs: 5_000 } });
    expect(task?.spec.deadline).toBe(START + 5_000);
  });

  test.each([
    ['a template that names nothing', { input: '{{ context.none }}' }, /^TEMPLATE_FAILED: .*none/],
    ['an input that is too large', { input: 'x'.repeat(2_000) }, /^SUBMISSION_REFUSED: .*bytes/],
    [
      'a message that is too long',
      { messageTemplate: 'x'.repeat(70_000) },
      /^SUBMISSION_REFUSED: task\.brief/,
    ],
  ])('cannot be made of %s', async (_, task, reason) => {
    expect(await make(making(task), null)).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  });
});

describe('tasks of an expansion', () => {
  test('get elements by name where no input was asked for', async () => {
    const [first, second] = await made({ input: null }, [item(1), item(2)]);
    expect(inputOf(first?.message ?? {})).toEqual({ user: { id: 1 } });
    expect(inputOf(second?.message ?? {})).toEqual({ user: { id: 2 } });
    expect(second?.message.item).toMatchObject({
      sequenceNum: 2,
      identifier: 'user-2',
      baseTaskId: 'g.t0',
      totalCount: 3,
    });
  });

  test('get them over what was asked for, without the arrays that they came from', async () => {
    const input = { users: [1, 2, 3], user: 'old', who: '{{ item.user.id }}' };
    const [task] = await made({ input }, [item(2, ['users'])]);
    expect(inputOf(task?.message ?? {})).toEqual({ user: { id: 2 }, who: 2 });
  });

  test('are named by the number that could not be made', async () => {
    const outcome = await make(making({ input: '{{ item.user.name }}' }), [item(1)]);
    expect(outcome).toEqual({ ok: false, reason: expect.stringMatching(/^TEMPLATE_FAILED: item 1: /) });
  });
});

describe('the id of a task', () => {
  const key = { workflowId: WORKFLOW.workflowId, node: 1, run: 1, item: 1 };

  test('is the same for the same, has the time of its node and the order of its items', () => {
    const ids = [1, 2, 255, 256, 65_536, 100_000].map((item) => childTaskId(START, { ...key, item }));
    expect(ids[0]).toBe(childTaskId(START, key));
    expect(ids.toSorted()).toEqual(ids);
    for (const id of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(createTimeOf(id)).toBe(START);
    }
  });

  test('is another for another workflow, node or run', () => {
    const others = [
      { ...key, workflowId: '018bcfe5-6800-7000-8000-000000000002' },
      { ...key, node: 2 },
      { ...key, run: 2 },
    ];
    const ids = [key, ...others].map((one) => childTaskId(START, one));
    expect(new Set(ids).size).toBe(4);
    expect(new Set([key, ...others].map(childRequestId)).size).toBe(4);
  });
});
