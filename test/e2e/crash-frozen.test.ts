import { readFileSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { check } from '../support/checker.js';
import { readThroughApi } from '../support/checker-read.js';
import { monotonicMs } from '../support/history.js';
import { openRawAgent, type RawAgent } from '../support/history-raw-agent.js';
import { createWorld, type World } from '../support/history-world.js';

let world: World | undefined;
let agent: RawAgent | undefined;

afterEach(() => {
  agent?.close();
  world?.close();
});

/** The letter the kernel has for the process, `T` for stopped. */
function stateOf(pid: number): string | undefined {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.[0];
}

it('a claim that took too long to be sent goes to the same agent again, whose credit it did not cost', async () => {
  world = createWorld();
  const coordinator = await world.startCoordinator('claim.before-commit=freeze@1');
  agent = await openRawAgent(coordinator.address, 'agent', 'raw');
  const taken = agent.take();
  const submitted = world.client().submit({ kind: 'raw' });
  await vi.waitFor(() => expect(stateOf(coordinator.pid)).toBe('T'), { timeout: 30_000 });
  const frozenAt = monotonicMs();
  // Half of the accept timeout, 1 s here, makes an assignment too old to be sent.
  await vi.waitFor(() => expect(monotonicMs() - frozenAt).toBeGreaterThan(600), { timeout: 10_000 });
  coordinator.kill('SIGCONT');

  const { claim } = await taken;
  const { taskId } = await submitted;
  expect(claim).toMatchObject({ taskId, epoch: 2n });
  const record = await readThroughApi(world.client());
  expect(record.events.map(({ type }) => type)).toEqual(['SUBMITTED', 'CLAIMED', 'RETURNED', 'CLAIMED']);
  expect(check([], record).filter(({ message }) => !message.startsWith('nobody submitted'))).toEqual([]);
}, 60_000);
