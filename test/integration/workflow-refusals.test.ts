import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { EmbeddedCoordinator } from '../../src/embedded.js';
import { openEmbedded } from '../support/embedded.js';
import { openOrg } from '../support/org-steering.js';
import { nodesOf, stateOf, workflowWorld } from '../support/workflow-world.js';

let coordinator: EmbeddedCoordinator;
beforeAll(async () => {
  coordinator = await openEmbedded();
});
afterAll(() => coordinator.stop());

/** Three items, of which the second is refused, and one that goes on whatever becomes of them. */
const SPEC = (onFailure: string, labels: JsonObject = {}): JsonObject => ({
  context: { list: [{ n: 1 }, { n: 'two' }, { n: 3 }] },
  groups: [
    {
      groupId: 'g',
      tasks: [
        {
          taskId: 'each',
          kind: 'count',
          labels,
          input: { n: '{{ item.one.n }}' },
          settings: {
            onFailure,
            expansion: {
              type: 'EXPANSION_TYPE_ARRAY',
              arrayMapping: [{ name: 'one', path: 'context.list' }],
            },
          },
        },
        { taskId: 'after', kind: 'plain', dependsOn: ['each'] },
      ],
    },
  ],
});

async function setup() {
  const org = openOrg(coordinator);
  const world = workflowWorld(coordinator.address, org.org);
  await world.agent({ count: (input) => input, plain: () => 'done' });
  return { org, world };
}

const numbers = { type: 'object', properties: { n: { type: 'number' } } };

test('an item that its kind does not take ends its node, and nothing of it is left open', async () => {
  const { org, world } = await setup();
  await org.putKind({ kind: 'count', inputSchema: numbers });
  const ended = await world.ended(await world.start(SPEC('ON_FAILURE_FAIL_WORKFLOW')));
  expect(stateOf(ended)).toBe('FAILED');
  expect(ended.reason).toMatch(/^SUBMISSION_REFUSED: g\.each: .*n/);
  expect(nodesOf(ended)).toMatchObject({ 'g.each': 'FAILED', 'g.after': 'CANCELLED' });
  await vi.waitFor(async () => {
    const open: string[] = [];
    for await (const { state } of world.client.list()) {
      if (!['SUCCEEDED', 'CANCELLED'].includes(state)) open.push(state);
    }
    expect(open).toEqual([]);
  }, 10_000);
});

test('with CONTINUE what depends on it goes on', async () => {
  const { org, world } = await setup();
  await org.putKind({ kind: 'count', inputSchema: numbers });
  const ended = await world.ended(await world.start(SPEC('ON_FAILURE_CONTINUE')));
  expect(stateOf(ended)).toBe('PARTIAL');
  expect(nodesOf(ended)).toMatchObject({ 'g.each': 'FAILED', 'g.after': 'SUCCEEDED' });
});

test('an item that a policy rejects has failed, and the others count', async () => {
  const { org, world } = await setup();
  const cel = "!('sort' in task.labels) || type(task.input.n) != string";
  await org.client.policies.put({ policyId: 'gate', kind: 'APPROVAL', cel });
  await org.set('approval_policy', 'gate');
  const spec = SPEC('ON_FAILURE_CONTINUE', { sort: 'counted' });
  const ended = await world.ended(await world.start(spec));
  expect(stateOf(ended)).toBe('PARTIAL');
  expect(nodesOf(ended)).toMatchObject({ 'g.each': 'PARTIAL', 'g.after': 'SUCCEEDED' });
  const each1 = ended.nodes.find(({ taskId }) => taskId === 'each');
  expect([each1?.succeededCount, each1?.failedCount]).toEqual([2n, 1n]);
});
