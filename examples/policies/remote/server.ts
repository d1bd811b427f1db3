import { create, fromBinary, type MessageInitShape, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { PolicyService, Tier } from '@reeve/sdk/protocol';

// node dist/examples/policies/remote/server.js [host:port]

type Methods = typeof PolicyService.method;
/** What an organisation decides, a function for each method that it serves. */
type Rules = {
  [Name in keyof Methods]?: (
    request: MessageShape<Methods[Name]['input']>,
  ) => MessageInitShape<Methods[Name]['output']>;
};

const rules: Rules = {
  approve: ({ task }) => ({
    accepted: task?.tier !== Tier.CRITICAL || task.goal !== '',
    reason: 'a CRITICAL task says what it is for',
  }),
  prioritize: ({ task }) => ({ priority: task?.labels.team === 'support' ? 800 : 400 }),
  selectAgent: ({ candidates }) => ({
    headAgentSubjectId: candidates.toSorted((a, b) => a.meanSeconds - b.meanSeconds)[0]?.agentId ?? '',
    reason: 'the fastest so far',
  }),
};

const same = (bytes: Buffer) => bytes;
const AS_BYTES = {
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
};

const server = new Server();
for (const method of PolicyService.methods) {
  const decide = rules[method.localName as keyof Rules] as
    | ((request: unknown) => Record<string, unknown>)
    | undefined;
  if (!decide) continue;
  const path = `/${PolicyService.typeName}/${method.name}`;
  const definition = { path, requestStream: false, responseStream: false, ...AS_BYTES };
  const answer = (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => {
    const output = create(method.output, decide(fromBinary(method.input, call.request)));
    reply(null, Buffer.from(toBinary(method.output, output)));
  };
  server.addService({ [method.localName]: definition }, { [method.localName]: answer });
}
const place = process.argv[2] ?? '127.0.0.1:50051';
server.bindAsync(place, ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`PolicyService on ${place.replace(/:\d+$/, '')}:${port}`);
});
