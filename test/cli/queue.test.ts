import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { AGENT_ID, setupFleet } from './support/fleet.js';

const { reeve, startReeve, submit, release } = setupFleet();

const PLAIN = { tty: true, env: { NO_COLOR: '1' } };

test('queue stats shows the tiers, and what is paused', async () => {
  const kind = `stats-${randomUUID()}`;
  await submit(kind, '--tier', 'low');
  const { stdout } = await reeve(['queue', 'stats', '--kind', kind]);
  const tiers = JSON.parse(stdout);
  expect(tiers.map(({ tier }: { tier: string }) => tier)).toEqual([
    'CRITICAL',
    'URGENT',
    'HIGH',
    'NORMAL',
    'LOW',
  ]);
  expect(tiers.at(-1)).toMatchObject({ tier: 'LOW', waiting: 1, held: 0 });
  const lanes = await reeve(['queue', 'stats', '--lanes', '--kind', kind, '-o', 'csv']);
  expect(lanes.stdout).toMatch(new RegExp(`^kind,tier,waiting.*\\n${kind},LOW,1,`));

  const paused = await reeve(['queue', 'pause', '--kind', kind, '--reason', 'for now']);
  expect(JSON.parse(paused.stdout)).toMatchObject({ part: { kind }, reason: 'for now', actor: 'anonymous' });
  const table = await reeve(['queue', 'stats', '--kind', kind], PLAIN);
  expect(table.stderr).toContain(`Paused: ${kind}`);
  expect((await reeve(['queue', 'stats', '--pauses'], PLAIN)).stdout).toContain(kind);
  expect((await reeve(['queue', 'peek', '--kind', kind], PLAIN)).stdout).toMatch(/\bheld\n/);
  const resumed = await reeve(['queue', 'resume', '--kind', kind]);
  expect(JSON.parse(resumed.stdout)).toHaveLength(1);
  expect((await reeve(['queue', 'resume', '--kind', kind])).stdout).toBe('[]\n');
});

test('queue peek gives the next tasks in order, as ids too', async () => {
  const kind = `peek-${randomUUID()}`;
  const low = await submit(kind, '--tier', 'low');
  const urgent = await submit(kind, '--tier', 'urgent');
  const { stdout } = await reeve(['queue', 'peek', '--kind', kind, '-o', 'name']);
  expect(stdout).toBe(`${urgent}\n${low}\n`);
  for (const limit of ['0', '101']) {
    const { code, stderr } = await reeve(['queue', 'peek', '--kind', kind, '--limit', limit]);
    expect([code, JSON.parse(stderr).message]).toEqual([2, expect.stringContaining('from 1 to 100')]);
  }
});

test('queue clear counts, asks, and cancels what waits', async () => {
  const kind = `clear-${randomUUID().slice(0, 8)}`;
  const id = await submit(kind);
  const dry = await reeve(['queue', 'clear', '--kind', kind, '--dry-run']);
  expect([dry.code, JSON.parse(dry.stdout)]).toMatchObject([0, { dryRun: true, totalCount: 1 }]);
  const shown = await reeve(['queue', 'clear', '--kind', kind, '--dry-run'], PLAIN);
  expect([shown.stdout, shown.stderr]).toEqual([`1 task to cancel: ${kind} 1\n`, '']);
  const no = await reeve(['queue', 'clear', '--kind', kind], { ...PLAIN, typed: 'n\n' });
  expect([no.code, no.stderr]).toEqual([1, expect.stringContaining('Nothing was changed.')]);
  expect(no.stderr).toContain(`1 task to cancel: ${kind} 1`);
  const yes = await reeve(['queue', 'clear', '--kind', kind, '--yes', '--reason', 'gone']);
  expect([yes.code, JSON.parse(yes.stdout)]).toMatchObject([0, { doneCount: 1, reason: 'gone' }]);
  expect(JSON.parse((await reeve(['task', 'get', id])).stdout)).toMatchObject({ state: 'CANCELLED' });

  const { operationId } = JSON.parse(yes.stdout);
  const waited = await reeve(['operation', 'wait', operationId], PLAIN);
  expect([waited.code, waited.stdout]).toEqual([0, expect.stringContaining('1 of 1 done')]);
  const listed = JSON.parse((await reeve(['operation', 'list', '--limit', '2'])).stdout);
  expect(listed.map((o: { operationId: string }) => o.operationId)[0]).toBe(operationId);
  expect((await reeve(['operation', 'cancel', operationId])).code).toBe(5);
  // Dry runs that have ended can be read, and are not listed.
  const { operationId: dryId } = JSON.parse(dry.stdout);
  expect((await reeve(['operation', 'get', dryId])).code).toBe(0);
  const all = JSON.parse((await reeve(['operation', 'list', '--limit', '0'])).stdout);
  expect(all.some((o: { dryRun: boolean }) => o.dryRun)).toBe(false);
  const missing = await reeve(['operation', 'get', randomUUID()]);
  expect([missing.code, JSON.parse(missing.stderr).hint]).toEqual([
    3,
    'List the operations there are: reeve operation list',
  ]);
});

test.each([
  [['clear', '--yes'], 'which part?'],
  [['pause'], 'which part?'],
  [['pause', '--all', '--tier', 'low'], '--all and a part exclude each other'],
  [['clear', '--kind', '', '--yes'], '--kind is empty'],
  [['clear', '--all'], '--yes is missing'],
  [['stats', '--lanes', '--pauses'], 'exclude each other'],
])('queue %j is a usage error', async (argv, message) => {
  const { code, stderr } = await reeve(['queue', ...argv]);
  expect([code, JSON.parse(stderr).message]).toEqual([2, expect.stringContaining(message)]);
});

test('an agent that is drained gets nothing more until it is activated', async () => {
  const drained = await reeve(['agent', 'drain', AGENT_ID]);
  expect(JSON.parse(drained.stdout)).toMatchObject({ agentId: AGENT_ID, status: 'DRAINING' });
  expect(JSON.parse(drained.stdout)).toMatchObject({ credit: 0 });
  const shown = await reeve(['agent', 'get', AGENT_ID], PLAIN);
  expect(shown.stdout).toMatch(/\nLoad +0 of \d+ slots, takes 0 more\n/);
  const { stdout, stderr } = await reeve(['submit', 'echo', '--assign-wait', '50ms']);
  const { taskId: id, state } = JSON.parse(stdout);
  expect(state).toBe('QUEUED');
  expect(stderr).toContain('none of 1 connected may get it: 1 draining.');
  const back = await reeve(['agent', 'activate', AGENT_ID], PLAIN);
  expect(back.stdout).toContain('ACTIVE');
  expect((await reeve(['task', 'wait', id])).code).toBe(0);
  await reeve(['agent', 'deactivate', AGENT_ID]);
  const inactive = JSON.parse((await reeve(['agent', 'list', '--status', 'inactive'])).stdout);
  expect(inactive).toMatchObject([{ agentId: AGENT_ID }]);
  await reeve(['agent', 'activate', AGENT_ID]);
});

test('top shows queues, agents and what runs, once where there is no terminal', async () => {
  const held = await submit('hold');
  await reeve(['task', 'wait', held, '--for=running']);
  const json = JSON.parse((await reeve(['top'])).stdout);
  expect(json.agents).toMatchObject([{ agentId: AGENT_ID, inFlight: 1 }]);
  expect(json.tasks).toMatchObject([{ taskId: held, state: 'RUNNING' }]);
  expect(json.queue.tiers).toHaveLength(5);
  const once = await reeve(['top', '--once'], PLAIN);
  for (const word of ['TIER', 'CRITICAL', AGENT_ID, held]) expect(once.stdout).toContain(word);
  expect(once.stdout).not.toContain('\u001b[2J');
  release();
  await reeve(['task', 'wait', held]);
});

test('top on a terminal is redrawn until q or Ctrl-C', async () => {
  const typed = new PassThrough();
  const top = startReeve(['top', '--interval', '5ms'], { ...PLAIN, typed });
  await top.prints(/\[2J.*\[2J/s);
  typed.write('q');
  expect((await top.done).code).toBe(0);

  const again = startReeve(['top'], { ...PLAIN, typed: new PassThrough() });
  await again.prints(/CRITICAL/);
  again.interrupt();
  expect((await again.done).code).toBe(130);
});
