import { describe, expect, it } from 'vitest';
import { assemble, versionAt } from '../../../src/domain/workflows/context.js';
import { createTables } from '../../../src/memory/record/tables.js';
import { createMemoryWorkflowRecord } from '../../../src/memory/record/workflows/workflow-record.js';
import type { ContextRow, WorkflowRecord } from '../../../src/ports/workflow-record.js';
import { LoadedWorkflows } from '../../../src/usecases/workflows/loaded-workflows.js';
import { patchContext, restoreContext } from '../../../src/usecases/workflows/patch-context.js';
import { group, task, workflow } from '../workflows/specs.js';

const KEY = { org: 'acme', workflowId: '01890a5d-ac96-774b-bcce-b302099a8057' };
const ANN = { subject: 'ann' };
const patch = (path: string, value?: number | string | object, expected: number | null = null) => ({
  path,
  value: value as never,
  expected,
});

const GROUPS = [group('g', [task('x'), task('y', { resultKey: 'sum.all' })])];

/** A workflow whose context is `{user: {name: "Ann"}}`, at version 1. */
async function setup() {
  const workflows = createMemoryWorkflowRecord({ now: () => 1_000 }, createTables());
  await workflows.start({
    ...KEY,
    spec: workflow(GROUPS),
    submitterSubjectId: '',
    actor: '',
    createTime: 1_000,
    deadline: null,
    nodeCount: 3,
    request: null,
  });
  const loaded = new LoadedWorkflows({ workflows });
  await patchContext({ workflows, loaded })(ANN, KEY, [patch('user', { name: 'Ann' })]);
  const rows = () => workflows.readContext(KEY, null);
  return {
    workflows,
    rows,
    context: async () => assemble(await rows()),
    loaded,
    patch: patchContext({ workflows, loaded }),
    restore: restoreContext({ workflows }),
  };
}

/** Its first commits find that something else was decided meanwhile. */
function contended(
  workflows: WorkflowRecord,
  times: number,
): { readonly workflows: WorkflowRecord; tries: number } {
  const world = {
    tries: 0,
    workflows: {
      ...workflows,
      async commit(commit: Parameters<WorkflowRecord['commit']>[0]) {
        world.tries++;
        if (world.tries <= times) {
          await workflows.commit({ ...commit, context: [], events: [], reason: `other ${world.tries}` });
        }
        return workflows.commit(commit);
      },
    },
  };
  return world;
}

describe('the context of a workflow', () => {
  it('is patched, and the trail says who did it and where', async () => {
    const { workflows, context, patch: put } = await setup();
    expect(await put(ANN, KEY, [patch('user.age', 41), patch('notes', 'x')])).toBe(2);
    expect(await context()).toEqual({ user: { name: 'Ann', age: 41 }, notes: 'x' });
    expect(await put({ subject: 'bob' }, KEY, [patch('notes')])).toBe(3);
    expect(await context()).toEqual({ user: { name: 'Ann', age: 41 } });
    const event = (await workflows.listEvents(KEY, 0, 10)).at(-1);
    expect(event).toMatchObject({
      type: 'CONTEXT_CHANGED',
      actor: 'bob',
      detail: { paths: ['notes'], path_count: 1 },
    });
  });

  it('is patched only as it was read, around the path and within it too', async () => {
    const { rows, context, patch: put } = await setup();
    expect(versionAt(await rows(), 'user.name')).toBe(1);
    await put(ANN, KEY, [patch('user.name', 'Bo', 1)]);
    for (const path of ['user', 'user.name', 'user.name.first']) {
      await expect(put(ANN, KEY, [patch('other', 1), patch(path, 'x', 1)])).rejects.toMatchObject({
        code: 'ABORTED',
        reason: 'VERSION_MISMATCH',
        details: { metadata: { path, version: '2' } },
      });
    }
    await put(ANN, KEY, [patch('new', 1, 0), patch('user', 'x', 2)]);
    expect(await context()).toEqual({ user: 'x', new: 1 });
  });

  it('is patched although the workflow goes on meanwhile, if not for ever', async () => {
    const { workflows, loaded, context } = await setup();
    const some = contended(workflows, 5);
    expect(await patchContext({ workflows: some.workflows, loaded })(ANN, KEY, [patch('a', 1)])).toBe(2);
    expect(some.tries).toBe(6);
    expect(await context()).toMatchObject({ a: 1 });
    const all = contended(workflows, Number.POSITIVE_INFINITY);
    await expect(
      patchContext({ workflows: all.workflows, loaded })(ANN, KEY, [patch('a', 2)]),
    ).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await context()).toMatchObject({ a: 1 });
  });

  it('is made as it was at a version', async () => {
    const { workflows, context, patch: put, restore } = await setup();
    await put(ANN, KEY, [patch('user.age', 41), patch('a.b', 1)]);
    await put(ANN, KEY, [patch('user', 'gone'), patch('a'), patch('c', 1)]);
    expect(await restore(ANN, KEY, 2)).toBe(4);
    expect(await context()).toEqual({ user: { name: 'Ann', age: 41 }, a: { b: 1 } });
    expect(await restore(ANN, KEY, 1)).toBe(5);
    expect(await context()).toEqual({ user: { name: 'Ann' } });
    expect(await restore(ANN, KEY, 3)).toBe(6);
    expect(await context()).toEqual({ user: 'gone', c: 1 });
    expect(await restore(ANN, KEY, 0)).toBe(7);
    expect(await context()).toEqual({});
    // Nothing is to be done, and nothing is written.
    expect(await restore(ANN, KEY, 7)).toBe(7);
    const event = (await workflows.listEvents(KEY, 0, 20)).at(-1);
    expect(event).toMatchObject({ type: 'CONTEXT_CHANGED', actor: 'ann', detail: { restored: 0 } });
  });

  it('is kept as it was at the newest thousand versions', async () => {
    const { workflows, rows, context, patch: put, restore } = await setup();
    for (let version = 2; version <= 5_000; version++) await put(ANN, KEY, [patch('a', version)]);
    expect(await rows()).toHaveLength(2);
    const all = new Set<ContextRow>();
    for (let version = 1; version <= 5_000; version++) {
      for (const row of await workflows.readContext(KEY, version)) all.add(row);
    }
    // A hundred more, in which somebody may still be reading.
    expect(all.size).toBe(1_000 + 100 + 1);
    await expect(restore(ANN, KEY, 4_000)).rejects.toMatchObject({
      ...{ code: 'OUT_OF_RANGE', reason: 'CONTEXT_VERSION_GONE' },
      message: `the context of workflow ${KEY.workflowId} is not kept any more as it was at version 4000; the oldest is 4001, the newest 5000`,
    });
    expect(await restore(ANN, KEY, 4_001)).toBe(5_001);
    expect(await context()).toEqual({ user: { name: 'Ann' }, a: 4_001 });
  });

  it.each<[string, string, (world: Awaited<ReturnType<typeof setup>>) => Promise<unknown>]>([
    [
      'NOT_FOUND',
      'WORKFLOW_NOT_FOUND',
      ({ patch: put }) => put(ANN, { ...KEY, org: 'other' }, [patch('a', 1)]),
    ],
    ['NOT_FOUND', 'WORKFLOW_NOT_FOUND', ({ restore }) => restore(ANN, { ...KEY, org: 'other' }, 0)],
    ['OUT_OF_RANGE', 'CONTEXT_VERSION_UNKNOWN', ({ restore }) => restore(ANN, KEY, 2)],
    ['INVALID_ARGUMENT', 'INVALID_FIELD', ({ patch: put }) => put(ANN, KEY, [patch('a', 1), patch('a', 2)])],
    ['INVALID_ARGUMENT', 'INVALID_FIELD', ({ patch: put }) => put(ANN, KEY, [patch('a[0]', 1)])],
    [
      'INVALID_ARGUMENT',
      'CONTEXT_TOO_LARGE',
      ({ patch: put }) => put(ANN, KEY, [patch('a', 'x'.repeat(5e6))]),
    ],
    [
      'FAILED_PRECONDITION',
      'WORKFLOW_OVER',
      async ({ workflows, patch: put }) => {
        const { version = 0 } = (await workflows.get(KEY)) ?? {};
        const end = { state: 'CANCELLED', finishTime: 2_000 } as const;
        await workflows.commit({ ...KEY, version, ...end, nodes: [], context: [], events: [] });
        await put(ANN, KEY, [patch('a', 1)]);
      },
    ],
  ])('is left as it is with %s, %s', async (code, reason, change) => {
    const world = await setup();
    await expect(change(world)).rejects.toMatchObject({ code, reason });
    expect(await world.context()).toEqual({ user: { name: 'Ann' } });
  });

  it.each<[string, ReturnType<typeof patch>, string]>([
    ['at its path', patch('outputs.g.x', 1), 'g.x'],
    ['within it', patch('outputs.g.x.part', 1), 'g.x'],
    ['away from there', patch('sum.all'), 'g.y'],
    ['around it, with something there', patch('sum', { all: 1 }), 'g.y'],
    ['around it, where it would not go in', patch('outputs', 'none'), 'g.x'],
    ['around it, where it would not go in further on', patch('outputs', { g: [] }), 'g.x'],
  ])('is not written %s while the result of a task is awaited', async (_, change, node) => {
    const { workflows, context, patch: put } = await setup();
    const before = await context();
    await expect(put(ANN, KEY, [patch('other', 1), change])).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'RESULT_AWAITED',
      message: expect.stringContaining(`the result of ${node}, which is WAITING, will be written to`),
      details: { metadata: { workflow_id: KEY.workflowId, path: change.path, node, state: 'WAITING' } },
    });
    expect(await context()).toEqual(before);
    const { version } = (await workflows.get(KEY)) ?? { version: 0 };
    const over = [1, 2].map((each) => ({ node: each, state: 'FAILED', finishTime: 1_000 }) as const);
    await workflows.commit({ ...KEY, version, nodes: over, context: [], events: [] });
    await put(ANN, KEY, [change]);
  });

  it.each<[string, readonly ReturnType<typeof patch>[], string]>([
    ['within a text', [patch('user.name.first', 'Ann')], 'user.name is "Ann", no object'],
    ['far within a text', [patch('user.name.first.letter', 'A')], 'user.name is "Ann", no object'],
    ['within a number', [patch('n.of', 1)], 'n is 7, no object'],
    ['within a list', [patch('list.first', 1)], 'list is [1,2], no object'],
    ['within what comes with it', [patch('new.part', 1), patch('new', 5)], 'new is 5, no object'],
    ['with a long value in the way', [patch('long.part', 1)], `long is "${'x'.repeat(78)}…, no object`],
  ])('is not written %s, which would be lost', async (_, changes, why) => {
    const { context, patch: put } = await setup();
    await put(ANN, KEY, [patch('n', 7), patch('list', [1, 2]), patch('long', 'x'.repeat(1_000))]);
    const before = await context();
    const [{ path } = { path: '' }] = changes;
    await expect(put(ANN, KEY, [patch('other', 1), ...changes])).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'CONTEXT_PATH_BLOCKED',
      message: expect.stringContaining(`${path}: ${why}`),
      details: { metadata: { workflow_id: KEY.workflowId, path, at: why.split(' ')[0] } },
    });
    expect(await context()).toEqual(before);
  });

  it('is written where an object is put, or something taken away, with the same call, and where null is', async () => {
    const { context, patch: put } = await setup();
    await put(ANN, KEY, [patch('a', 1), patch('b', 'x'), patch('c', null as never)]);
    await put(ANN, KEY, [
      patch('a.b', 2),
      patch('a', { z: 0 }),
      patch('b.c.d', 3),
      patch('b'),
      patch('c.d', 4),
    ]);
    expect(await context()).toEqual({
      user: { name: 'Ann' },
      ...{ a: { z: 0, b: 2 }, b: { c: { d: 3 } }, c: { d: 4 } },
    });
  });

  it('has no new version when what is taken away was not there', async () => {
    const { workflows, context, patch: put } = await setup();
    const events = async () => (await workflows.listEvents(KEY, 0, 100)).length;
    const before = await events();
    for (const path of ['nothing', 'user.age', 'user.name.first', 'a.b.c']) {
      expect(await put(ANN, KEY, [patch(path)])).toBe(1);
    }
    expect(await events()).toBe(before);
    await expect(put(ANN, KEY, [patch('user.age', undefined, 0)])).rejects.toMatchObject({
      reason: 'VERSION_MISMATCH',
    });
    expect(await put(ANN, KEY, [patch('user.age'), patch('user.name')])).toBe(2);
    expect(await context()).toEqual({ user: {} });
    expect((await workflows.listEvents(KEY, 0, 100)).at(-1)?.detail).toMatchObject({ paths: ['user.name'] });
    // What comes with the same call is there.
    await put(ANN, KEY, [patch('new', { a: 1, b: 2 }), patch('new.b')]);
    expect(await context()).toEqual({ user: {}, new: { a: 1 } });
  });

  it('is written around and beside a result that is awaited', async () => {
    const { context, patch: put } = await setup();
    await put(ANN, KEY, [patch('sum', { note: 1 }), patch('outputs', { g: {} }), patch('sum.allow', 2)]);
    expect(await context()).toMatchObject({ sum: { note: 1, allow: 2 }, outputs: { g: {} } });
    await put(ANN, KEY, [patch('outputs')]);
    expect(await context()).not.toHaveProperty('outputs');
  });
});
