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
import type { ExpressionEngine } from '../../src/ports/expression-engine.js';
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
  const context = { topic: 'tea', files: ['a', 'b'], empty: '', many: [...'123456789'] };
  const scope = { context, params: {}, results: {}, now: START };
  const state = { run: 1, total: 3 };
  return { workflow: WORKFLOW, spec, node, state, startTime: START, scope };
}

const NO_BOUND = Number.POSITIVE_INFINITY;

async function made(task: Partial<TemplateSpec>, items: readonly Item[] | null = null, instructions = '') {
  const outcome = await make(making(task, instructions), items, NO_BOUND);
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
    const { workflowId } = WORKFLOW;
    expect(task?.message.workflow).toMatchObject({
      workflowId,
      groupId: 'g',
      taskId: 't0',
      sequenceNum: 1,
      run: 1,
    });
    expect(task?.spec.submitterSubjectId).toBe('ann');
  });

  test('has the keys that its templates come to, and none where they come to nothing', async () => {
    const keys = {
      limits: ['{{ context.topic }}', '{{ context.files }}', '{{ context.empty }}', 'api'],
      fairness: '{{ context.topic }}',
      affinity: 'session/{{ context.topic }}',
    };
    const [task] = await made({ keys });
    expect(task?.message).toMatchObject({
      limitKeys: ['tea', 'a', 'b', 'api'],
      fairnessKey: 'tea',
      affinityKey: 'session/tea',
    });
    expect(task?.spec.requirements.keys).toEqual({
      limits: ['a', 'api', 'b', 'tea'],
      fairness: 'tea',
      affinity: 'session/tea',
    });
    const none = { limits: ['{{ context.empty }}'], fairness: '', affinity: '{{ context.empty }}' };
    const [without] = await made({ keys: none });
    expect(without?.spec.requirements.keys).toBeNull();
    expect(without?.message).toMatchObject({ limitKeys: [], fairnessKey: '', affinityKey: '' });
  });

  test('has to end in time, from when it began', async () => {
    const { settings } = making({}).node;
    const [task] = await made({ settings: { ...settings, timeoutMs: 5_000 } });
    expect(task?.spec.deadline).toBe(START + 5_000);
  });

  test.each([
    ['a template that names nothing', { input: '{{ context.none }}' }, /^TEMPLATE_FAILED: .*none/],
    [
      'a key that is no name',
      { keys: { limits: [], fairness: '', affinity: ' {{ context.topic }}' } },
      /^SUBMISSION_REFUSED: task\.affinity_key/,
    ],
    [
      'more limits than a task may name',
      { keys: { limits: ['{{ context.many }}'], fairness: '', affinity: '' } },
      /^SUBMISSION_REFUSED: task\.limit_keys/,
    ],
    ['an input that is too large', { input: 'x'.repeat(2_000) }, /^SUBMISSION_REFUSED: .*bytes/],
    [
      'a message that is too long',
      { messageTemplate: 'x'.repeat(70_000) },
      /^SUBMISSION_REFUSED: task\.brief/,
    ],
  ])('cannot be made of %s', async (_, task, reason) => {
    expect(await make(making(task), null, NO_BOUND)).toEqual({
      ok: false,
      reason: expect.stringMatching(reason),
    });
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
    expect(second?.message.workflow).toMatchObject({ taskId: 't0', sequenceNum: 2 });
  });

  test('get them over what was asked for, without the arrays that they came from', async () => {
    const input = { users: [1, 2, 3], user: 'old', who: '{{ item.user.id }}' };
    const [task] = await made({ input }, [item(2, ['users'])]);
    expect(inputOf(task?.message ?? {})).toEqual({ user: { id: 2 }, who: 2 });
  });

  test('are named by the number that could not be made', async () => {
    const outcome = await make(making({ input: '{{ item.user.name }}' }), [item(1)], NO_BOUND);
    expect(outcome).toEqual({ ok: false, reason: expect.stringMatching(/^TEMPLATE_FAILED: item 1: /) });
  });
});

describe('tasks of large inputs', () => {
  const sized = (...sizes: readonly number[]) =>
    sizes.map((size, i): Item => ({ ...item(i + 1), elements: { text: 'x'.repeat(size) } }));
  const numbers = async (items: readonly Item[], maxBytes: number) => {
    const outcome = await make(making({ input: null }), items, maxBytes);
    if (!outcome.ok) throw new Error(outcome.reason);
    return outcome.tasks.map(({ workflow }) => workflow?.item);
  };

  test('are as many as fit, and at least one', async () => {
    expect(await numbers(sized(900, 900, 900, 10), 3_000)).toEqual([1, 2]);
    expect(await numbers(sized(900, 900), 10)).toEqual([1]);
    expect(await numbers(sized(10, 10, 900, 900), 2_000)).toEqual([1, 2, 3]);
  });

  test('are all made where they fit, however many are filled in at a time', async () => {
    const items = sized(...Array.from({ length: 300 }, (_, i) => i));
    expect(await numbers(items, NO_BOUND)).toEqual(items.map(({ item }) => item));
  });

  test('are filled in a few at a time, the larger they are the fewer', async () => {
    const filled: number[] = [];
    const engine: ExpressionEngine = {
      ...PLAIN_EXPRESSIONS,
      evaluate: async (_org, evaluations) => {
        const counts = evaluations.map(({ own }) => own.length);
        filled.push(...counts);
        return evaluations.map(({ own }) => own.map(() => ({ ok: true, value: 'x'.repeat(900) })));
      },
    };
    const specWriter = createSpecWriter(createChecker(), rules);
    const makeBy = makeTasks({ ports: { expressions: engine } as Ports, specWriter });
    const items = sized(...Array.from({ length: 500 }, () => 1));
    const outcome = await makeBy(making({ input: { of: '{{ item.text + "" }}' } }), items, 30_000);
    if (!outcome.ok) throw new Error(outcome.reason);
    expect(outcome.tasks.length).toBeGreaterThan(20);
    expect(filled[0]).toBe(16);
    expect(filled.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(outcome.tasks.length + 1);
  });

  test('are not made where one of them is too large for the record', async () => {
    const outcome = await make(making({ input: null }), sized(10, 2_000), 100_000);
    expect(outcome).toEqual({ ok: false, reason: expect.stringMatching(/^SUBMISSION_REFUSED: item 2: /) });
  });
});

describe('the id of a task', () => {
  const key = { workflowId: WORKFLOW.workflowId, node: 1, run: 1, item: 1 };

  test('is the same for the same, has the time of its node and the order of its items', () => {
    const items = [...Array.from({ length: 600 }, (_, i) => i + 1), 65_536, 100_000];
    const ids = items.map((item) => childTaskId(START, { ...key, item }));
    expect(ids[0]).toBe(childTaskId(START, key));
    expect(ids.toSorted()).toEqual(ids);
    for (const id of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
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
