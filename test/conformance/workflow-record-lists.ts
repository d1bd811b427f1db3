import { v7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import type { WorkflowQuery } from '../../src/ports/workflow-record.js';
import { ALL, type WorkflowWorld, workflowSpec, write } from './workflow-record-world.js';

const HOUR_MS = 3_600_000;
const AGES_MS = 20_000 * HOUR_MS;

export function testWorkflowLists(world: () => WorkflowWorld): void {
  const idsOf = async (w: WorkflowWorld, query: Partial<WorkflowQuery> = {}) => {
    const all = { org: w.org, states: [], name: '', labels: {}, limit: 100, beforeId: null };
    return (await w.workflows.list({ ...all, ...query })).map(({ workflowId }) => workflowId);
  };

  describe('list', () => {
    test('has the newest first, in pages', async () => {
      const w = world();
      const ids: string[] = [];
      for (let i = 0; i < 5; i++) ids.unshift((await w.start()).workflowId);
      expect(await idsOf(w)).toEqual(ids);
      expect(await idsOf(w, { limit: 2 })).toEqual(ids.slice(0, 2));
      expect(await idsOf(w, { limit: 2, beforeId: ids[1] ?? '' })).toEqual(ids.slice(2, 4));
      expect(await idsOf(w, { org: `${w.org}-2` })).toEqual([]);
      expect(
        await w.workflows.list({
          ...{ org: w.org, states: [], name: '', labels: {} },
          limit: 1,
          beforeId: null,
        }),
      ).toEqual([await w.getWorkflow({ org: w.org, workflowId: ids[0] ?? '' })]);
    });

    test('by state, name and labels', async () => {
      const w = world();
      const done = await w.ended(0, {
        spec: workflowSpec({ name: 'weekly', labels: { team: 'a', x: 'y' } }),
      });
      const begun = await w.start({ spec: workflowSpec({ name: 'weekly', labels: { team: 'b' } }) });
      const other = await w.start({ spec: workflowSpec({ labels: { team: 'a' } }) });
      await w.committed(other, { state: 'PROCESSING' });
      expect(await idsOf(w, { states: ['SUCCEEDED'] })).toEqual([done.workflowId]);
      expect(await idsOf(w, { states: ['INITIALIZING', 'SUCCEEDED'] })).toEqual([
        begun.workflowId,
        done.workflowId,
      ]);
      expect(await idsOf(w, { states: ['INITIALIZING', 'PROCESSING'] })).toEqual([
        other.workflowId,
        begun.workflowId,
      ]);
      expect(await idsOf(w, { name: 'weekly' })).toEqual([begun.workflowId, done.workflowId]);
      expect(await idsOf(w, { labels: { team: 'a' } })).toEqual([other.workflowId, done.workflowId]);
      expect(await idsOf(w, { labels: { team: 'a', x: 'y' } })).toEqual([done.workflowId]);
      expect(await idsOf(w, { labels: { team: 'a' }, name: 'weekly', states: ['PROCESSING'] })).toEqual([]);
    });

    test('finds a rare one behind many others', async () => {
      const w = world();
      const rare = await w.start({ spec: workflowSpec({ name: 'rare' }) });
      for (let i = 0; i < 11; i++)
        await Promise.all(Array.from({ length: 100 }, () => w.start({ nodeCount: 1 })));
      expect(await idsOf(w, { name: 'rare', limit: 3 })).toEqual([rare.workflowId]);
    });
  });

  describe('listDue', () => {
    test('names a workflow once, however many of its tasks have ended', async () => {
      const w = world();
      const workflow = await w.start();
      for (let item = 1; item <= 3; item++) await w.cancel(await w.submitItem(workflow, { item }));
      const due = (await w.workflows.listDue(ALL)).filter(({ org }) => org === w.org);
      expect(due).toEqual([{ org: w.org, workflowId: workflow.workflowId }]);
      expect(await w.workflows.listDue(1)).toHaveLength(1);
    });

    test('leaves out those that are over', async () => {
      const w = world();
      const workflow = await w.asleep();
      const taskId = await w.submitItem(workflow);
      await w.committed(workflow, { state: 'PARTIAL', finishTime: Date.now() });
      await w.cancel(taskId);
      expect(await w.isDue(workflow)).toBe(false);
      await w.expectCounts(workflow, 0, 1);
    });
  });

  describe('forget', () => {
    test('deletes what ended so long ago with all that is its own', async () => {
      const w = world();
      const request = { requestId: v7(), bodyHash: new Uint8Array(32) };
      const old = await w.committed(await w.start({ request }), {
        ...{ state: 'FAILED', finishTime: Date.now() - AGES_MS - HOUR_MS, context: [write('a', 1)] },
      });
      const taskId = await w.submitItem(old);
      await w.cancel(taskId);
      const recent = await w.ended(AGES_MS - HOUR_MS);
      const open = await w.start();
      expect(await w.workflows.forget(AGES_MS, 1_000)).toBeGreaterThanOrEqual(1);
      expect(await idsOf(w)).toEqual([open.workflowId, recent.workflowId]);
      for (const read of [w.workflows.get(old), w.workflows.getSpec(old), w.workflows.open(old)]) {
        expect(await read).toBeNull();
      }
      expect(await w.workflows.readContext(old, null)).toEqual([]);
      expect(await w.workflows.listEvents(old, 0, 10)).toEqual([]);
      expect((await w.get(taskId)).state).toBe('CANCELLED');
      expect((await w.workflows.start(w.newWorkflow({ request }))).kind).toBe('STARTED');
    });

    test('a few at a time', async () => {
      const w = world();
      for (let i = 0; i < 3; i++) await w.ended(2 * AGES_MS);
      expect(await w.workflows.forget(AGES_MS, 2)).toBe(2);
      expect(await w.workflows.forget(AGES_MS, 2)).toBe(1);
      expect(await w.workflows.forget(AGES_MS, 2)).toBe(0);
      expect(await idsOf(w)).toEqual([]);
    });
  });
}
