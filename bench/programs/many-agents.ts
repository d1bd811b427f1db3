// Many agents, each on a connection of its own, in one process; they end each task as it comes.
// `many-agents.js ADDRESS CAPABILITY,… SLOTS`
import { randomUUID } from 'node:crypto';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import {
  Outcome,
  type WorkRequest,
  WorkRequestSchema,
  type WorkResponse,
  WorkResponseSchema,
} from '@reeve/sdk/protocol';
import { serveQuestions } from '../program.js';

export type ManyAgentsQuestion =
  | { readonly from: number; readonly to: number }
  | { readonly question: 'count' | 'delays' };

/** Connections that are opened at once. */
const AT_ONCE = 20;

const [address = '', capabilityText = '', slotsText = '1'] = process.argv.slice(2);
const capabilities = capabilityText.split(',');
const slots = Number(slotsText);
let handled = 0;

function connect(n: number): Promise<void> {
  const client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  const stream = client.makeBidiStreamRequest(
    '/reeve.v1.AgentService/Work',
    (message: WorkRequest) => Buffer.from(toBinary(WorkRequestSchema, message)),
    (bytes: Buffer) => fromBinary(WorkResponseSchema, bytes),
  );
  const send = (message: NonNullable<MessageInitShape<typeof WorkRequestSchema>['message']>) =>
    stream.write(create(WorkRequestSchema, { message }));
  let granted = BigInt(slots);
  const end = (claim: { readonly taskId: string; readonly epoch: bigint }) => {
    handled += 1;
    const result = { outcome: Outcome.SUCCEEDED };
    return { claim: { taskId: claim.taskId, epoch: claim.epoch }, resultId: randomUUID(), result };
  };
  const agent = { agentId: `many-${n}`, capabilities };
  send({ case: 'hello', value: { agent, instanceKey: randomUUID(), slots } });
  return new Promise((resolve, reject) => {
    stream.on('error', reject);
    stream.on('data', ({ message }: WorkResponse) => {
      if (message.case === 'welcome') {
        send({ case: 'grant', value: { grantedTotal: granted } });
        resolve();
      } else if (message.case === 'assignments') {
        const { assignments } = message.value;
        const results = assignments.flatMap(({ claim }) => (claim ? [end(claim)] : []));
        send({ case: 'results', value: { results } });
        granted += BigInt(assignments.length);
        send({ case: 'grant', value: { grantedTotal: granted } });
      } else if (message.case === 'ping') {
        send({ case: 'pong', value: { nonce: message.value.nonce } });
      }
    });
  });
}

serveQuestions(async (question: ManyAgentsQuestion) => {
  if ('question' in question) return question.question === 'count' ? { handled } : { delays: [] };
  const { from, to } = question;
  for (let n = from; n < to; n += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, to - n) }, (_, i) => connect(n + i)));
  }
  return { connected: to - from };
});
