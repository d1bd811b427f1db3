import { createClient, workflow } from '@reeve/sdk';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';
import { gate, setupOrg, WAIT_MS } from './support/workflow-fleet.js';

let fleet: FleetProcess;
beforeAll(async () => {
  fleet = await startFleet();
}, 120_000);
afterAll(() => fleet.stop());

const setup = (org: string) => setupOrg(fleet, org);

describe('the coordinator at which it was started', () => {
  const ITEMS = 1_100;
  const spec = workflow('goes-on')
    .context({ list: Array.from({ length: ITEMS }, (_, n) => n) })
    .group('first', (group) => group.task('hold', { kind: 'hold' }))
    .group('many', { dependsOn: 'first' }, (group) =>
      group.task('each', {
        kind: 'each',
        expand: { array: { n: 'context.list' }, outputFormat: 'merge', mergeStrategy: 'concat' },
      }),
    );

  test.each(['stop', 'kill'] as const)(
    'ends (%s) while it runs, and the others complete it',
    async (end) => {
      const org = `ends-by-${end}`;
      const { a, b, agentAt } = setup(org);
      const third = await fleet.add();
      onTestFinished(async () => void (await third.kill()));
      const [begun, { open, opened }] = [gate(), gate()];
      const ran: number[] = [];
      const each = ({ n }: { n: number }) => {
        ran.push(n);
        return [n];
      };
      const hold = async () => {
        begun.open();
        await opened;
      };
      await agentAt('here', { each, hold }, 100);
      await agentAt('there', { each }, 100);
      const client = createClient({ address: third.address, org });
      const { workflowId } = await client.workflows.start(spec);
      client.close();
      await begun.opened;
      await third[end]();
      open();
      expect((await b.workflows.wait(workflowId, { timeoutMs: WAIT_MS })).state).toBe('SUCCEEDED');
      expect(ran).toHaveLength(ITEMS);
      const all = await a.workflows.context<{ result: number[] }>(workflowId, 'outputs.many.each');
      expect(all?.result).toEqual(Array.from({ length: ITEMS }, (_, n) => n));
    },
    120_000,
  );

  test('is killed while it makes the tasks of an expansion, and the others make the rest', async () => {
    const org = 'ends-expanding';
    const { a, b, agentAt } = setup(org);
    const third = await fleet.add({ env: { REEVE_FAILPOINTS: 'workflow.between-chunks=exit@1' } });
    onTestFinished(async () => void (await third.kill()));
    const ran: number[] = [];
    const each = ({ n }: { n: number }) => {
      ran.push(n);
      return [n];
    };
    const client = createClient({ address: third.address, org });
    const list = Array.from({ length: ITEMS }, (_, n) => n);
    const expanding = workflow('expanding')
      .context({ list })
      .group('many', (group) =>
        group.task('each', {
          kind: 'each',
          expand: { array: { n: 'context.list' }, outputFormat: 'merge', mergeStrategy: 'concat' },
        }),
      );
    const { workflowId } = await client.workflows.start(expanding);
    client.close();
    expect((await third.exited).signal).toBe('SIGKILL');
    await agentAt('here', { each }, 100);
    await agentAt('there', { each }, 100);
    expect((await b.workflows.wait(workflowId, { timeoutMs: WAIT_MS })).state).toBe('SUCCEEDED');
    expect(ran.sort((x, y) => x - y)).toEqual(list);
    const all = await a.workflows.context<{ result: number[] }>(workflowId, 'outputs.many.each');
    expect(all?.result).toEqual(list);
  }, 120_000);
});
