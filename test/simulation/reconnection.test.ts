import { randomUUID } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { Outcome, WorkRequestSchema, type WorkResponse } from '@reeve/sdk/protocol';
import { expect, test } from 'vitest';
import type { Lease } from '../../src/domain/tasks/lease.js';
import { createMemoryAgentRecord } from '../../src/memory/record/agent-record.js';
import { createMemoryTaskRecord } from '../../src/memory/record/task-record.js';
import type { TaskRecord } from '../../src/ports/task-record.js';
import { createWorld, settlement } from '../conformance/task-record-world.js';
import { Chance } from './chance.js';
import type { ToServer } from './connection.js';
import { Coordinator, EPOCH } from './coordinator.js';
import { EventQueue } from './event-queue.js';
import { CALM, Network } from './network.js';

/** An agent that comes back with a lease. @param meanwhile happens right after the record was asked for it */
async function setup(meanwhile: (record: TaskRecord, lease: Lease) => Promise<unknown> = async () => {}) {
  const queue = new EventQueue();
  const clock = { now: () => EPOCH + Math.floor(queue.now) };
  const record = createMemoryTaskRecord(clock);
  const { org, running } = createWorld(record);
  const lease = await running();
  const coordinator = new Coordinator({
    name: 'coordinator',
    network: new Network(queue, new Chance(1), CALM),
    record: {
      ...record,
      async getLeases(claims) {
        const states = await record.getLeases(claims);
        await meanwhile(record, lease);
        return states;
      },
    },
    agents: createMemoryAgentRecord(clock),
    skewMs: 0,
    reconcileMs: null,
    say() {},
    onError(error) {
      throw error;
    },
  });
  const answers: WorkResponse[] = [];
  const session = coordinator.open({
    principal: { org, subject: 'agent', roles: ['admin'] },
    send: (message) => answers.push(message) > 0,
    end() {},
    fail() {},
  });
  const send = (message: ToServer) => session.receive(create(WorkRequestSchema, { message }));
  const claim = { taskId: lease.taskId, epoch: BigInt(lease.epoch) };
  send({
    case: 'hello',
    value: {
      agent: { agentId: lease.agentId, capabilities: ['work'] },
      instanceKey: randomUUID(),
      slots: 1,
      heldLeases: [{ claim, hasUnackedResult: true }],
    },
  });
  return {
    session,
    send,
    claim,
    answers,
    inFlight: async () => (await coordinator.index.stats()).inFlight,
    settle: () => queue.run(() => false, queue.now + 1_000),
  };
}

const RESULT_ID = randomUUID();
const settled = (record: TaskRecord, lease: Lease) =>
  record.settleTasks([settlement(lease, 'SUCCEEDED', { resultId: RESULT_ID })]);

test('a lease that is held takes a slot', async () => {
  const { settle, inFlight } = await setup();
  await settle();
  expect(await inFlight()).toBe(1);
});

test('a stream that ends while it is greeted takes no slot', async () => {
  const { session, settle, inFlight } = await setup();
  session.closed();
  await settle();
  expect(await inFlight()).toBe(0);
});

test('a result that was recorded while its agent was greeted takes no slot once it is repeated', async () => {
  const { send, claim, settle, answers, inFlight } = await setup(settled);
  await settle();
  expect(answers[0]).toMatchObject({ message: { value: { verdicts: [{ verdict: 1 }] } } });
  send({
    case: 'results',
    value: { results: [{ claim, resultId: RESULT_ID, result: { outcome: Outcome.SUCCEEDED } }] },
  });
  await settle();
  expect(answers[1]).toMatchObject({ message: { case: 'resultAcks', value: { acks: [{ verdict: 2 }] } } });
  expect(await inFlight()).toBe(0);
});

test('a lease that ended while its agent was greeted takes no slot once it is renewed', async () => {
  const { send, claim, settle, inFlight } = await setup(settled);
  await settle();
  send({ case: 'renew', value: { claims: [claim] } });
  await settle();
  expect(await inFlight()).toBe(0);
});
