import { expect, test } from 'vitest';
import { LEASE_MS, type World } from './task-record-world.js';

/** What a record keeps of how agents were chosen. */
export function testSelections(open: () => World): void {
  const selection = {
    strategy: 'LEAST_CONNECTIONS',
    cost: 0.25,
    runner_up: 'b',
    runner_up_cost: 0.5,
    free: 2,
  };
  const claimOf = async ({ record, org }: World, taskId: string) =>
    (await record.listTaskEvents(org, taskId, 0, 10)).find(({ type }) => type === 'CLAIMED');

  test('a claim keeps how its agent was chosen, and one without says nothing', async () => {
    const world = open();
    const { record, org, submit } = world;
    const [first, second] = [await submit(), await submit()];
    const claim = { org, agentId: 'a', acceptWithinMs: LEASE_MS, requestId: null };
    await record.claimTasks([
      { ...claim, taskId: first, selection },
      { ...claim, taskId: second },
    ]);
    expect(await claimOf(world, first)).toMatchObject({ agentId: 'a', detail: selection });
    expect((await claimOf(world, second))?.detail).toEqual({});
  });

  test('so does a task that is born assigned', async () => {
    const world = open();
    const { submit } = world;
    const claim = { agentId: 'a', acceptWithinMs: LEASE_MS, requestId: null };
    const [first, second] = [
      await submit({}, { claim: { ...claim, selection } }),
      await submit({}, { claim }),
    ];
    expect(await claimOf(world, first)).toMatchObject({ seq: 2, agentId: 'a', detail: selection });
    expect((await claimOf(world, second))?.detail).toEqual({});
  });
}
