import { randomUUID } from 'node:crypto';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import { type Assignment, type Claim, WorkRequestSchema, type WorkResponse } from '@reeve/sdk/protocol';
import { openWorkStream } from './history-stream.js';

type Message = NonNullable<WorkResponse['message']>;
type Case = Exclude<Message['case'], undefined>;
type ValueOf<C extends Case> = Extract<Message, { case: C }>['value'];

/** An agent that does only what the test says, on one Work stream. */
export interface RawAgent {
  send(message: MessageInitShape<typeof WorkRequestSchema>['message']): void;
  /** The next message of the kind that was not taken yet. */
  next<C extends Case>(name: C): Promise<ValueOf<C>>;
  /** Grants one more slot and takes the assignment that comes. */
  take(): Promise<Assignment & { claim: Claim }>;
  close(): void;
}

/** Says Hello as an agent that handles `kind`, and waits for Welcome. */
export async function openRawAgent(address: string, agentId: string, kind: string): Promise<RawAgent> {
  const client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  const stream = openWorkStream(client);
  const unread: Message[] = [];
  const waiting: { name: Case; resolve: (value: unknown) => void; reject: (error: Error) => void }[] = [];
  let granted = 0n;

  const agent: RawAgent = {
    send(message) {
      stream.write(create(WorkRequestSchema, { message: message ?? { case: undefined } }));
    },
    next<C extends Case>(name: C) {
      return new Promise<ValueOf<C>>((resolve, reject) => {
        const at = unread.findIndex((message) => message.case === name);
        const [found] = at < 0 ? [] : unread.splice(at, 1);
        // The message of the case has the value of the case.
        const give = resolve as (value: unknown) => void;
        if (found) give(found.value);
        else waiting.push({ name, resolve: give, reject });
      });
    },
    async take() {
      granted += 1n;
      agent.send({ case: 'grant', value: { grantedTotal: granted } });
      const { assignments } = await agent.next('assignments');
      const [assignment] = assignments;
      if (!assignment?.claim || assignments.length > 1) throw new Error('expected one assignment');
      return { ...assignment, claim: assignment.claim };
    },
    close() {
      stream.cancel();
      client.close();
    },
  };

  stream.on('data', ({ message }: WorkResponse) => {
    if (message.case === 'ping') agent.send({ case: 'pong', value: { nonce: message.value.nonce } });
    const at = waiting.findIndex(({ name }) => name === message.case);
    const [waiter] = at < 0 ? [] : waiting.splice(at, 1);
    if (waiter) waiter.resolve(message.value);
    else unread.push(message);
  });
  stream.on('error', (error: Error) => {
    for (const { reject } of waiting.splice(0)) reject(error);
  });

  agent.send({
    case: 'hello',
    value: { agent: { agentId, capabilities: [kind] }, instanceKey: randomUUID(), slots: 4 },
  });
  await agent.next('welcome');
  return agent;
}
