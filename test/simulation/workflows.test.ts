import { describe, expect, test } from 'vitest';
import type { Failpoint } from '../../src/ports/failpoints.js';
import { FAILPOINTS } from '../../src/ports/failpoints.js';
import type { Chance } from './chance.js';
import { brokenPromises } from './workflow-invariants.js';
import { chooseWorkflow } from './workflow-jobs.js';
import { simulateWorkflows, type WorkflowOutcome } from './workflow-world.js';

const specs = (count: number) => (chance: Chance) =>
  Array.from({ length: chance.between(1, count) }, (_, i) => chooseWorkflow(chance, `workflow-${i + 1}`));

async function run(
  seed: number,
  over: Partial<Parameters<typeof simulateWorkflows>[0]> = {},
): Promise<WorkflowOutcome> {
  const outcome = await simulateWorkflows({
    ...{ seed, coordinators: 1 + (seed % 3), specs: specs(4), deadly: 0.02, steers: true },
    ...over,
  });
  expect({ seed, broken: brokenPromises(outcome) }).toEqual({ seed, broken: [] });
  return outcome;
}

describe('workflows of any shape', () => {
  test('come to what they have to, through crashes, losses, cancels and retries', async () => {
    const ends = new Map<string, number>();
    const events = new Map<string, number>();
    for (let seed = 1; seed <= 150; seed++) {
      const { asked, rowOf } = await run(seed);
      for (const one of asked) {
        const row = rowOf(one);
        ends.set(row.workflow.state, (ends.get(row.workflow.state) ?? 0) + 1);
        for (const { type } of row.events) events.set(type, (events.get(type) ?? 0) + 1);
      }
    }
    for (const end of ['SUCCEEDED', 'FAILED', 'PARTIAL', 'CANCELLED'])
      expect([end, ends.get(end) ?? 0]).toEqual([end, expect.any(Number)]);
    expect([...ends.keys()].sort()).toEqual(['CANCELLED', 'FAILED', 'PARTIAL', 'SUCCEEDED']);
    expect([...events.keys()].sort()).toEqual([
      ...['CANCEL_REQUESTED', 'CONTEXT_CHANGED', 'ESCALATED', 'FINISHED', 'NODE_EXPANDED', 'NODE_FINISHED'],
      ...['NODE_READY', 'PARTIAL_RESULTS', 'PHASE_CHANGED', 'RETRIED', 'STARTED'],
    ]);
  }, 300_000);

  test('the same seed is the same history', async () => {
    const [a, b] = [await run(5), await run(5)];
    expect(b.trace.lines()).toEqual(a.trace.lines());
  });
});

const POINTS = FAILPOINTS.filter((point) => point.startsWith('workflow.'));

describe('a coordinator that dies', () => {
  test.each(POINTS)(
    'at %s leaves nothing undone and has nothing done twice',
    async (point: Failpoint) => {
      let deaths = 0;
      for (let seed = 1; seed <= 12; seed++) {
        const outcome = await run(seed, { failpoints: [point], deadly: 0.25, coordinators: 1 + (seed % 2) });
        deaths += outcome.deaths.get(point) ?? 0;
      }
      expect(deaths).toBeGreaterThan(0);
    },
    120_000,
  );
});
