import { randomUUID } from 'node:crypto';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import { AgentService, WorkRequestSchema } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Coordinator } from '../../src/coordinator.js';
import { connect } from '../api/support/grpc-client.js';
import { badRequests } from '../support/bad-input/bad-requests.js';
import { type Outcome, outcomeOf } from '../support/bad-input/doors.js';
import { openEmbedded } from '../support/embedded.js';
import { RawAgent } from '../support/raw-agent.js';
import { openWorkStream } from '../support/work-stream.js';

let coordinator: Coordinator;
let grpc: Client;

beforeAll(async () => {
  coordinator = await openEmbedded();
  grpc = new Client(coordinator.address, credentials.createInsecure());
});
afterAll(async () => {
  grpc.close();
  await coordinator.stop();
});

type Said = MessageInitShape<typeof WorkRequestSchema>;

/** A sound Hello, of an agent and a process of its own. */
function hello(): Said {
  const agent = { agentId: `agent-${randomUUID()}` };
  return { message: { case: 'hello', value: { agent, instanceKey: randomUUID(), slots: 1 } } };
}

/** How a stream ends on which these messages are sent: the first, then after Welcome the others. */
function endOf(first: Said, ...more: readonly Said[]): Promise<Outcome> {
  const stream = openWorkStream(grpc);
  const say = (said: Said) => stream.write(create(WorkRequestSchema, said));
  return new Promise((resolve) => {
    stream.on('error', (error) => resolve(outcomeOf(error)));
    stream.on('end', () => resolve({ code: 'OK', fields: [], message: 'it ended in order' }));
    stream.on('data', ({ message }) => {
      if (message.case === 'welcome') for (const said of more) say(said);
    });
    say(first);
  });
}

// Single results are answered one by one: bad-input-results.test.ts. Single bids count for nothing: auctions.test.ts.
const bad = badRequests(WorkRequestSchema).filter(
  ({ only, path }) => only !== 'http' && !/^(results\.results|bids\.bids)\[0\]\./.test(path),
);
const told = (ends: readonly Outcome[]) => ends.map(({ code, fields }) => `${code} ${fields.join()}`);

test('a Hello with any broken rule ends the stream at its field', async () => {
  const ofHello = bad.filter(({ path }) => path.startsWith('hello'));
  expect(ofHello.length).toBeGreaterThan(50);
  const ends = await Promise.all(ofHello.map(({ message }) => endOf(message as Said)));
  expect(told(ends)).toEqual(ofHello.map(({ at }) => `INVALID_ARGUMENT ${at}`));
});

test('so does any other message, after Hello', async () => {
  const others = bad.filter(({ path }) => !path.startsWith('hello'));
  const kinds = new Set(others.map(({ path }) => path.split('.')[0]));
  expect([...kinds].sort()).toEqual([
    'accept',
    'bids',
    'decline',
    'drain',
    'grant',
    'pong',
    'progress',
    'renew',
    'results',
  ]);
  const ends = await Promise.all(others.map(({ message }) => endOf(hello(), message as Said)));
  expect(told(ends)).toEqual(others.map(({ at }) => `INVALID_ARGUMENT ${at}`));
});

test('credit beyond what an answer can say is told as the most that it can', async () => {
  const agent = new RawAgent(coordinator.address);
  await agent.hello('greedy');
  agent.send({ case: 'grant', value: { grantedTotal: 9_007_199_254_740_991n } });
  agent.send({ case: 'renew', value: { claims: [{ taskId: randomUUID(), epoch: 1n }] } });
  await agent.next('leaseUpdates');
  const client = connect(coordinator.address);
  const answer = await client.call(AgentService.method.getAgent, { agentId: 'greedy' });
  expect(answer.agent?.load?.credit).toBe(4_294_967_295);
  client.close();
  agent.close();
});
