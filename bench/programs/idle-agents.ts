// Many agents that never get work, each on a connection of its own.
// `idle-agents.js ADDRESS`
import { randomUUID } from 'node:crypto';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import {
  type WorkRequest,
  WorkRequestSchema,
  type WorkResponse,
  WorkResponseSchema,
} from '@reeve/sdk/protocol';
import { serveQuestions } from '../program.js';

const [address = ''] = process.argv.slice(2);

function connect(n: number): Promise<void> {
  const client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  const stream = client.makeBidiStreamRequest(
    '/reeve.v1.AgentService/Work',
    (message: WorkRequest) => Buffer.from(toBinary(WorkRequestSchema, message)),
    (bytes: Buffer) => fromBinary(WorkResponseSchema, bytes),
  );
  const send = (message: NonNullable<MessageInitShape<typeof WorkRequestSchema>['message']>) =>
    stream.write(create(WorkRequestSchema, { message }));
  const agent = { agentId: `idle-${n}`, capabilities: ['bench.idle'] };
  send({ case: 'hello', value: { agent, instanceKey: randomUUID(), slots: 3 } });
  return new Promise((resolve, reject) => {
    stream.on('error', reject);
    stream.on('data', ({ message }: WorkResponse) => {
      if (message.case === 'welcome') {
        send({ case: 'grant', value: { grantedTotal: 3n } });
        resolve();
      } else if (message.case === 'ping') {
        send({ case: 'pong', value: { nonce: message.value.nonce } });
      }
    });
  });
}

serveQuestions(async ({ from, to }: { from: number; to: number }) => {
  for (let n = from; n < to; n += 20) {
    await Promise.all(Array.from({ length: Math.min(20, to - n) }, (_, i) => connect(n + i)));
  }
  return { connected: to - from };
});
