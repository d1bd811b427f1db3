import { expect, test } from 'vitest';
import { ReeveError } from '../../src/domain/errors.js';
import type { WorkflowEvent } from '../../src/domain/workflows/workflow.js';
import { LINGER_MS } from '../../src/handlers/batches.js';
import { createHandlerRegistry } from '../../src/handlers/registry.js';
import { createWorkflowHappenings } from '../../src/handlers/workflow-happenings.js';
import { FakeClock } from '../support/fake-clock.js';
import { SILENT } from '../support/pglite-record.js';

const event = (seq: number): WorkflowEvent => ({
  ...{ seq, type: 'NODE_READY', state: 'PROCESSING', eventTime: 1, node: seq % 2 ? 0 : null },
  ...{ nodeState: null, reason: '', actor: 'ann', detail: {} },
});

function setup(addressOf: () => Promise<string> = async () => 'g.a') {
  const clock = new FakeClock();
  const registry = createHandlerRegistry({ clock, log: SILENT, count: () => {} });
  const told: string[] = [];
  registry.on('workflow', 'it', (e) => {
    if (e.subject === 'workflow') told.push(`${e.workflowId}${e.seq} ${e.node} ${e.actorSubjectId}`);
  });
  const happenings = createWorkflowHappenings({
    ...{ addressOf, registry, clock, log: SILENT },
    record: {
      listEvents: async (_, after, limit) => Array.from({ length: limit }, (_, i) => event(after + i + 1)),
    },
  });
  return {
    told,
    wrote: (workflowId: string, from: number, to: number) =>
      happenings.add([{ org: 'acme', workflowId, from, to }]),
    async pass(ms = LINGER_MS) {
      clock.advance(ms);
      for (let i = 0; i < 10_000; i++) await Promise.resolve();
    },
  };
}

test('only what was written here is told, in the order of its numbers', async () => {
  const { wrote, told, pass } = setup();
  wrote('w', 6, 6);
  wrote('w', 3, 4);
  await pass();
  expect(told).toEqual(['w3 g.a ann', 'w4  ann', 'w6  ann']);
});

test('a commit of very many events is read in pages', async () => {
  const { wrote, told, pass } = setup();
  wrote('w', 1, 2_500);
  await pass();
  expect(told).toHaveLength(2_500);
  expect(told.at(-1)).toBe('w2500  ann');
});

test('events of a workflow that cannot be resolved any more have no node', async () => {
  const { wrote, told, pass } = setup(async () => {
    throw new Error('it has no spec');
  });
  wrote('w', 1, 1);
  await pass();
  expect(told).toEqual(['w1  ann']);
});

test('while nodes cannot be looked up since the record is away, events wait', async () => {
  let isAway = true;
  const { wrote, told, pass } = setup(async () => {
    if (isAway) throw new ReeveError('UNAVAILABLE', 'STORE_UNREACHABLE', 'away');
    return 'g';
  });
  wrote('w', 1, 1);
  await pass();
  expect(told).toEqual([]);
  isAway = false;
  await pass(1_000);
  expect(told).toEqual(['w1 g ann']);
});
