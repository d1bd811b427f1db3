import { readFileSync } from 'node:fs';
import type { Assignment } from '@reeve/sdk/protocol';
import { afterEach, expect, it, vi } from 'vitest';
import { check } from '../support/checker.js';
import { readThroughApi } from '../support/checker-read.js';
import { monotonicMs } from '../support/history.js';
import { createWorld, type World } from '../support/history-world.js';
import { openRawAgent, type RawAgent } from '../support/raw-agent.js';

let world: World | undefined;
let agent: RawAgent | undefined;

afterEach(() => {
  agent?.close();
  world?.close();
});

/** A coordinator that freezes at a failpoint, a client, and an agent that asks for nothing yet. */
async function setup(failpoint: string) {
  const made = createWorld({ leaseTtl: '8s', acceptTimeout: '4s' });
  world = made;
  const coordinator = await made.startCoordinator(`${failpoint}=freeze@1`);
  const raw = await openRawAgent(coordinator.address, 'agent', 'raw');
  agent = raw;
  const client = made.client();

  /** Waits until it is frozen, then until an assignment is too old to be sent, and lets it go on. */
  async function outlastFreeze(): Promise<void> {
    await vi.waitFor(() => expect(stateOf(coordinator.pid)).toBe('T'), { timeout: 30_000 });
    const frozenAt = monotonicMs();
    // Half of the accept timeout, 4 s here, makes it too old.
    await vi.waitFor(() => expect(monotonicMs() - frozenAt).toBeGreaterThan(2_200), { timeout: 20_000 });
    coordinator.kill('SIGCONT');
  }

  async function expectSecondClaim({ claim }: Assignment, taskId: string): Promise<void> {
    expect(claim).toMatchObject({ taskId, epoch: 2n });
    const record = await readThroughApi(client);
    expect(record.events.map(({ type }) => type)).toEqual(['SUBMITTED', 'CLAIMED', 'RETURNED', 'CLAIMED']);
    expect(check([], record).filter(({ message }) => !message.startsWith('nobody submitted'))).toEqual([]);
  }
  return { client, agent: raw, outlastFreeze, expectSecondClaim };
}

/** The letter the kernel has for the process, `T` for stopped. */
function stateOf(pid: number): string | undefined {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.[0];
}

it('a claim that took too long to be sent goes to the same agent again, whose credit it did not cost', async () => {
  const { client, agent, outlastFreeze, expectSecondClaim } = await setup('claim.before-commit');
  // Nobody has asked for it, so it waits.
  const { taskId } = await client.submit({ kind: 'raw' });
  const taken = agent.take();
  await outlastFreeze();
  await expectSecondClaim(await taken, taskId);
}, 90_000);

it('so does a task that was born assigned', async () => {
  const { client, agent, outlastFreeze, expectSecondClaim } = await setup('submit.before-commit');
  const taken = agent.take();
  await vi.waitFor(async () => expect((await client.agents.get('agent')).credit).toBe(1), {
    timeout: 20_000,
  });
  const submitted = client.submit({ kind: 'raw' });
  await outlastFreeze();
  await expectSecondClaim(await taken, (await submitted).taskId);
}, 90_000);
