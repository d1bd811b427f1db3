import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.js';
import type { ItemOutcome, WorkflowRecord } from '../../src/ports/workflow-record.js';
import { gather } from '../../src/usecases/workflows/gather.js';
import { itemPages } from '../../src/usecases/workflows/item-pages.js';
import { createWorkflowWorld, type WorkflowWorld } from '../conformance/workflow-record-world.js';
import { startExpressionEngine } from '../support/cel-engine.js';
import { openPgliteRecord, type PgliteRecord } from '../support/pglite-record.js';
import { expansionOf, scopeWith, taskNode } from './support/expansion-world.js';

const { policies, expressions } = startExpressionEngine();
let opened: PgliteRecord;
let w: WorkflowWorld;
beforeAll(async () => {
  opened = await openPgliteRecord();
  w = createWorkflowWorld(opened);
});
afterAll(async () => {
  await policies.stop();
  await opened.close();
});

const ITEMS = 300;
const MIB = 1024 * 1024;
const NODE = 1;

test('300 results of a MiB each are put together without ever being there together', async () => {
  const workflow = await w.start();
  const text = 'x'.repeat(MIB - 100);
  for (let item = 1; item <= ITEMS; item++) {
    const lease = await w.claim(await w.submitItem(workflow, { node: NODE, item }));
    const data = new TextEncoder().encode(JSON.stringify({ n: item, text }));
    const output = { mediaType: 'application/json', data };
    await w.settle(lease, { result: { outcome: 'SUCCEEDED', output, summary: '', error: null } });
  }
  const pages: number[] = [];
  const watched: WorkflowRecord = {
    ...opened.workflows,
    async listItems(...asked) {
      const items = await opened.workflows.listItems(...asked);
      pages.push(items.reduce((sum, item) => sum + bytesOf(item), 0));
      return items;
    },
  };
  const turn = {
    copy: { key: workflow, node: () => ({ total: ITEMS }) },
    ports: { workflows: watched },
  };
  const node = taskNode({
    expansion: expansionOf({ type: 'array', array_mapping: { x: 'xs' }, output_format: 'merge' }),
  });
  const gathered = await gather(
    ...([expressions, w.org, node, scopeWith({}), ITEMS] as const),
    ...([itemPages(turn, NODE, true), { partial: false }] as const),
  );
  expect(gathered.state).toBe('SUCCEEDED');
  const { result, metrics } = gathered.value as { result: JsonObject; metrics: JsonObject };
  expect([result.n, metrics.n]).toEqual([ITEMS, { sum: 45_150, average: 150.5, count: ITEMS }]);
  expect(pages.length).toBeGreaterThan(ITEMS / 8);
  expect(Math.max(...pages)).toBeLessThanOrEqual(8 * MIB);
}, 120_000);

test('who only asks what failed reads no outputs', async () => {
  const workflow = await w.start();
  for (const item of [1, 2])
    await w.settle(await w.claim(await w.submitItem(workflow, { node: NODE, item })));
  const turn = {
    copy: { key: workflow, node: () => ({ total: 2 }) },
    ports: { workflows: opened.workflows },
  };
  const read: ItemOutcome[] = [];
  for await (const page of itemPages(turn, NODE, false)) read.push(...page);
  expect(read.map(({ item, state }) => [item, state])).toEqual([
    [1, 'SUCCEEDED'],
    [2, 'SUCCEEDED'],
  ]);
  expect(read.map(bytesOf)).toEqual([0, 0]);
});

function bytesOf({ result }: ItemOutcome): number {
  return result?.output?.data.length ?? 0;
}
