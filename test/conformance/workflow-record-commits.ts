import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import type { NewWorkflowEvent } from '../../src/domain/workflows/workflow.js';
import { type WorkflowWorld, workflowSpec, write } from './workflow-record-world.js';

const HASH = new Uint8Array(32).fill(7);
const READY: NewWorkflowEvent = {
  ...{ type: 'NODE_READY', node: 1, nodeState: 'EXPANDING', reason: '', actor: '' },
  detail: { z: 1, a: [null, 'ü'] },
};

export function testWorkflowCommits(world: () => WorkflowWorld): void {
  describe('start', () => {
    test('stores the workflow with its nodes, its spec and its first event, due at once', async () => {
      const w = world();
      const labels = { team: 'a' };
      const spec = workflowSpec({ name: 'weekly', labels, params: { z: 1, a: { deep: [1.5, null] } } });
      const deadline = Date.now() + 60_000;
      const started = w.newWorkflow({ spec, deadline, actor: 'bob', nodeCount: 2 });
      const outcome = await w.workflows.start(started);
      const { workflowId, createTime } = started;
      const workflow = {
        ...{ org: w.org, workflowId, name: 'weekly', labels, submitterSubjectId: 'alice' },
        ...{ state: 'INITIALIZING', end: null, reason: '', version: 1, seq: 1, run: 1, contextVersion: 0 },
        ...{ createTime, finishTime: null, deadline },
      };
      expect(outcome).toEqual({ kind: 'STARTED', workflow });
      expect(await w.workflows.get(started)).toEqual(workflow);
      const node = {
        ...{ state: 'WAITING', reason: '', run: 1, total: 0, submitted: 0, succeeded: 0, failed: 0 },
        ...{ startTime: null, finishTime: null },
      };
      const nodes = [0, 1].map((place) => ({ node: place, ...node }));
      expect(await w.workflows.open(started)).toEqual({ workflow, nodes });
      const stored = await w.workflows.getSpec(started);
      expect(stored).toEqual(spec);
      expect(Object.keys(stored?.params ?? {})).toEqual(['z', 'a']);
      expect(await w.workflows.listEvents(started, 0, 10)).toEqual([
        {
          ...{ seq: 1, type: 'STARTED', state: 'INITIALIZING', node: null, nodeState: null },
          ...{ reason: '', actor: 'bob', detail: {}, eventTime: expect.any(Number) },
        },
      ]);
      expect(await w.isDue(started)).toBe(true);
    });

    test('a repeat finds the workflow, the name of another call does not pass', async () => {
      const w = world();
      const request = { requestId: randomUUID(), bodyHash: HASH };
      const started = w.newWorkflow({ request });
      const first = await w.workflows.start(started);
      if (first.kind !== 'STARTED') throw new Error(first.kind);
      const workflow = await w.committed(first.workflow, { state: 'RESOLVING' });
      const again = { kind: 'ALREADY_STARTED', workflow };
      expect(await w.workflows.start(started)).toEqual(again);
      expect(await w.workflows.start({ ...started, workflowId: v7() })).toEqual(again);
      const other = { ...request, bodyHash: new Uint8Array(32) };
      expect(await w.workflows.start(w.newWorkflow({ request: other }))).toEqual({
        kind: 'REQUEST_ID_REUSED',
        workflowId: workflow.workflowId,
      });
      expect(await w.workflows.start({ ...started, request: null })).toEqual(again);
      const elsewhere = { ...started, org: `${w.org}-2`, workflowId: v7() };
      expect((await w.workflows.start(elsewhere)).kind).toBe('STARTED');
    });

    test('of several at once with one name, one is started', async () => {
      const w = world();
      const request = { requestId: randomUUID(), bodyHash: HASH };
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, () => w.workflows.start(w.newWorkflow({ request }))),
      );
      expect(outcomes.filter(({ kind }) => kind === 'STARTED')).toHaveLength(1);
      const ids = outcomes.map((o) => ('workflow' in o ? o.workflow.workflowId : o.kind));
      expect(new Set(ids).size).toBe(1);
    });

    test('what no record can hold is replaced', async () => {
      const w = world();
      const spec = workflowSpec({ params: { 'a\0b': 'half \ud800 of a pair' } });
      const workflow = await w.start({ spec });
      expect((await w.workflows.getSpec(workflow))?.params).toEqual({ 'a\ufffdb': 'half \ufffd of a pair' });
      const event = { ...READY, reason: 'x\0', detail: { y: '\udfff' } };
      const after = await w.committed(workflow, {
        ...{ reason: 'bad \0', nodes: [{ node: 0, reason: '\ud83d' }], events: [event] },
        context: [write('a', { b: ['\0'] })],
      });
      expect(after.reason).toBe('bad \ufffd');
      expect((await w.workflows.open(workflow))?.nodes[0]?.reason).toBe('\ufffd');
      expect((await w.workflows.readContext(workflow, null))[0]?.value).toEqual({ b: ['\ufffd'] });
      expect((await w.workflows.listEvents(workflow, 1, 1))[0]).toMatchObject({
        ...{ reason: 'x\ufffd', detail: { y: '\ufffd' } },
      });
    });
  });

  describe('commit', () => {
    test('writes all that was decided', async () => {
      const w = world();
      const before = await w.start();
      const workflow = await w.committed(before, {
        ...{ state: 'PROCESSING', reason: 'go', run: 2, deadline: 5_000, wakeTime: null },
        nodes: [
          { node: 1, state: 'EXPANDING', startTime: 1_700_000_000_123 },
          { node: 2, state: 'RUNNING', total: 7, submitted: 3, run: 2, reason: 'because' },
        ],
        context: [write('a.b', 1)],
        events: [READY, { ...READY, type: 'PHASE_CHANGED', node: null, nodeState: null, actor: 'ann' }],
      });
      expect(workflow).toEqual({
        ...before,
        ...{
          state: 'PROCESSING',
          reason: 'go',
          run: 2,
          deadline: 5_000,
          version: 2,
          seq: 3,
          contextVersion: 1,
        },
      });
      const opened = await w.workflows.open(before);
      expect(opened?.workflow).toEqual(workflow);
      expect(opened?.nodes[0]?.state).toBe('WAITING');
      expect(opened?.nodes[1]).toMatchObject({ state: 'EXPANDING', startTime: 1_700_000_000_123, run: 1 });
      expect(opened?.nodes[2]).toMatchObject({ state: 'RUNNING', total: 7, submitted: 3, run: 2 });
      const [ready, phase, ...more] = await w.workflows.listEvents(before, 1, 10);
      expect(ready).toEqual({ ...READY, seq: 2, state: 'PROCESSING', eventTime: expect.any(Number) });
      expect(Object.keys(ready?.detail ?? {})).toEqual(['z', 'a']);
      expect(phase).toMatchObject({
        seq: 3,
        type: 'PHASE_CHANGED',
        node: null,
        nodeState: null,
        actor: 'ann',
      });
      expect(more).toEqual([]);
      expect(await w.isDue(before)).toBe(false);
    });

    test('what is left out stays, and null is a value', async () => {
      const w = world();
      const first = await w.committed(await w.start({ deadline: 9_000 }), {
        ...{ state: 'COMPLETING', end: 'FAILED', reason: 'TASK_FAILED: it', wakeTime: Date.now() - 1 },
        nodes: [{ node: 1, state: 'RUNNING', startTime: 5, finishTime: 6, reason: 'r' }],
      });
      const second = await w.committed(first, { nodes: [{ node: 1, submitted: 1 }] });
      expect(second).toEqual({ ...first, version: 3 });
      expect((await w.workflows.open(first))?.nodes[1]).toMatchObject({
        startTime: 5,
        finishTime: 6,
        reason: 'r',
      });
      expect(await w.isDue(first)).toBe(true);
      const third = await w.committed(second, {
        ...{ end: null, deadline: null, reason: '', nodes: [{ node: 1, finishTime: null, reason: '' }] },
      });
      expect(third).toMatchObject({ end: null, deadline: null, reason: '', state: 'COMPLETING' });
      expect((await w.workflows.open(first))?.nodes[1]).toMatchObject({
        startTime: 5,
        finishTime: null,
        reason: '',
      });
    });

    test('changes nothing of a workflow that has changed since', async () => {
      const w = world();
      const read = await w.start();
      const newer = await w.committed(read, { events: [READY] });
      const outcome = await w.commit(read, {
        ...{ state: 'RESOLVING', nodes: [{ node: 0, state: 'RUNNING' }], events: [READY] },
        context: [write('a', 1)],
      });
      expect(outcome).toEqual({ kind: 'CHANGED_SINCE' });
      const opened = await w.workflows.open(read);
      expect(opened?.workflow).toEqual(newer);
      expect(opened?.nodes[0]?.state).toBe('WAITING');
      expect(await w.workflows.readContext(read, null)).toEqual([]);
      expect(await w.commit({ ...read, workflowId: v7() }, {})).toEqual({ kind: 'NOT_FOUND' });
      const key = { org: `${w.org}-2`, workflowId: read.workflowId };
      expect(await w.workflows.get(key)).toBeNull();
      expect(await w.commit(newer, key)).toEqual({ kind: 'NOT_FOUND' });
    });

    test('of several at once that read the same, one is taken', async () => {
      const w = world();
      const read = await w.start();
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          w.commit(read, { reason: `${i}`, events: [READY, READY], context: [write('a', i, 0)] }),
        ),
      );
      const taken = outcomes.flatMap((outcome) => (outcome.kind === 'OK' ? [outcome.workflow] : []));
      expect(taken).toHaveLength(1);
      expect(outcomes.filter(({ kind }) => kind === 'CHANGED_SINCE')).toHaveLength(7);
      expect(await w.workflows.get(read)).toEqual(taken[0]);
      expect((await w.workflows.listEvents(read, 0, 10)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
      expect(await w.workflows.readContext(read, null)).toHaveLength(1);
    });

    test('a look that decides nothing raises no version, and may put off the next', async () => {
      const w = world();
      const read = await w.start();
      expect(await w.committed(read, { wakeTime: Date.now() + 60_000 })).toEqual(read);
      expect(await w.isDue(read)).toBe(false);
      expect(await w.committed(read, { wakeTime: Date.now() - 1 })).toEqual(read);
      expect(await w.isDue(read)).toBe(true);
    });

    test('one that is over is not woken; one that is begun again may be', async () => {
      const w = world();
      const past = Date.now() - 1;
      const read = await w.start();
      const over = await w.committed(read, { state: 'FAILED', finishTime: past, wakeTime: past });
      expect(over).toMatchObject({ state: 'FAILED', finishTime: past });
      expect(await w.isDue(over)).toBe(false);
      await expect(w.commit(over, { state: 'PROCESSING' })).rejects.toThrow();
      const again = await w.committed(over, {
        state: 'PROCESSING',
        finishTime: null,
        run: 2,
        wakeTime: past,
      });
      expect(again).toMatchObject({ state: 'PROCESSING', finishTime: null, run: 2 });
      expect(await w.isDue(over)).toBe(true);
    });

    test('pages through the trail', async () => {
      const w = world();
      const events = Array.from({ length: 5 }, (_, i) => ({ ...READY, reason: `${i}` }));
      const { seq } = await w.committed(await w.start(), { events });
      expect(seq).toBe(6);
      const read = await w.workflows.list({
        ...{ org: w.org, states: [], name: '', labels: {} },
        limit: 1,
        beforeId: null,
      });
      const key = read[0] ?? { org: '', workflowId: '' };
      const page = await w.workflows.listEvents(key, 2, 3);
      expect(page.map((event) => [event.seq, event.reason])).toEqual([
        [3, '1'],
        [4, '2'],
        [5, '3'],
      ]);
    });
  });
}
