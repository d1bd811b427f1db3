import { randomUUID } from 'node:crypto';
import { type Assignment, LeaseVerdict } from '@reeve/sdk/protocol';
import { expect, test } from 'vitest';
import type { RawAgent } from '../support/raw-agent.js';
import { createWorkWorld, resultOf } from '../support/work-world.js';

const { raw, setup } = createWorkWorld();

test('a process that reconnects keeps its leases, and its older stream is superseded', async () => {
  const { connect, submit, kind, reaches } = setup();
  const instanceKey = randomUUID();
  const older = await connect('mover', { instanceKey, credit: 2 });
  const taskId = await submit();
  const [assignment] = (await older.assignments(1)) as [Assignment];
  older.accept(assignment);
  const newer = raw();
  const epoch = assignment.claim?.epoch ?? 0n;
  const welcome = await newer.hello('mover', {
    capabilities: [kind],
    instanceKey,
    held: [
      { taskId, epoch },
      { taskId, epoch: epoch + 1n },
    ],
  });
  expect(welcome.verdicts.map((v) => v.verdict)).toEqual([LeaseVerdict.KEEP, LeaseVerdict.LOST]);
  expect((await older.next('goAway')).reason).toBe('SESSION_SUPERSEDED');
  expect(await older.over).toBeNull();
  newer.send({ case: 'results', value: { results: [resultOf(assignment)] } });
  await reaches(taskId, 'SUCCEEDED');
});

test('an agent that drains and leaves is INACTIVE, and one that breaks off is not', async () => {
  const { connect, client } = setup();
  const agentId = `leaver-${randomUUID()}`;
  const statusOf = async () => (await client.agents.get(agentId)).status;
  async function becomes(status: string, instances: number): Promise<void> {
    for await (const update of client.agents.watch({})) {
      const agents = update.type === 'SNAPSHOT' ? update.agents : [update.agent];
      const mine = agents.find((agent) => agent.agentId === agentId);
      if (mine?.status === status && mine.instances.length === instances) return;
    }
  }
  const first = await connect(agentId);
  first.send({ case: 'drain', value: {} });
  await first.next('drainAck');
  expect(await statusOf()).toBe('DRAINING');
  first.close();
  await becomes('INACTIVE', 0);
  const second = await connect(agentId);
  expect(await statusOf()).toBe('ACTIVE');
  second.close();
  await becomes('ACTIVE', 0);
});

test('a result whose acknowledgement was lost is known when the agent comes back', async () => {
  const { connect, submit, kind } = setup();
  const first = await connect('forgetful');
  const taskId = await submit();
  const [assignment] = (await first.assignments(1)) as [Assignment];
  first.send({ case: 'results', value: { results: [resultOf(assignment)] } });
  await first.next('resultAcks');
  first.close();
  const again = raw();
  const welcome = await again.hello('forgetful', {
    capabilities: [kind],
    held: [{ taskId, epoch: assignment.claim?.epoch ?? 0n, unacked: true }],
  });
  expect(welcome.verdicts[0]?.verdict).toBe(LeaseVerdict.RESULT_RECORDED);
});

test.each([
  ['a message before hello', (a: RawAgent) => a.grant(1), /hello must come first/],
  [
    'a hello without slots',
    (a: RawAgent) =>
      a.send({ case: 'hello', value: { agent: { agentId: 'x' }, instanceKey: randomUUID(), slots: 0 } }),
    /hello\.slots/,
  ],
  [
    'a hello without an agent',
    (a: RawAgent) => a.send({ case: 'hello', value: { instanceKey: randomUUID(), slots: 1 } }),
    /hello\.agent/,
  ],
] as const)('%s ends the stream with INVALID_ARGUMENT', async (_, act, message) => {
  const agent = raw();
  act(agent);
  const error = await agent.over;
  expect(error?.code).toBe(3);
  expect(error?.details).toMatch(message);
});

test('a second hello ends the stream', async () => {
  const agent = raw();
  await agent.hello('twice');
  agent.send({ case: 'hello', value: { agent: { agentId: 'twice' }, instanceKey: randomUUID(), slots: 1 } });
  expect((await agent.over)?.code).toBe(3);
});

test('a deregistered agent is sent away for good', async () => {
  const { connect, client } = setup();
  const agent = await connect('retired');
  await client.agents.deregister('retired', { reason: 'old' });
  const away = await agent.next('goAway');
  expect(away.reason).toBe('DEREGISTERED');
  expect(away.reconnectAfter).toBeUndefined();
});
