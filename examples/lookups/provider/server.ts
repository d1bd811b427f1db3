import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  create,
  fromBinary,
  fromJson,
  type JsonValue,
  type MessageInitShape,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { ContextAnswerSchema, ContextProviderService, type ContextQuery } from '@reeve/sdk/protocol';
import { createSearch, readPassages } from './passages.js';

// Seen from the compiled file, so that it can be started anywhere.
const LETTERS = fileURLToPath(new URL('../../../../examples/workflows/data/letters', import.meta.url));

// node dist/examples/lookups/provider/server.js [--listen host:port] [--folder FOLDER]
const { values } = parseArgs({
  options: {
    listen: { type: 'string', default: '127.0.0.1:50052' },
    folder: { type: 'string', default: LETTERS },
  },
});
const search = createSearch(await readPassages(values.folder));
const MOST = 20;

type Answer = NonNullable<MessageInitShape<typeof ContextAnswerSchema>['answer']>;

/** `passages` is what can be looked up: `{text, most}`. */
function answerTo({ name, query }: ContextQuery): Answer {
  if (name !== 'passages') return { case: 'error', value: `there is no ${name} here; there are passages` };
  const { text, most = 3 } = asObject(query ? toJson(ValueSchema, query) : null);
  if (typeof text !== 'string') return { case: 'error', value: 'text must be a text' };
  if (!Number.isInteger(most) || Number(most) < 1 || Number(most) > MOST) {
    return { case: 'error', value: `most must be a whole number from 1 to ${MOST}` };
  }
  const found = search(text, Number(most)).map((passage) => ({ ...passage }));
  return { case: 'value', value: fromJson(ValueSchema, found) };
}

function asObject(value: JsonValue): { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

const { query } = ContextProviderService.method;
const same = (bytes: Buffer) => bytes;
const definition = {
  path: `/${ContextProviderService.typeName}/${query.name}`,
  requestStream: false as const,
  responseStream: false as const,
  ...{ requestSerialize: same, requestDeserialize: same },
  ...{ responseSerialize: same, responseDeserialize: same },
};
const answer = ({ request }: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => {
  const { queries } = fromBinary(query.input, request);
  const answers = queries.map((one) => create(ContextAnswerSchema, { answer: answerTo(one) }));
  reply(null, Buffer.from(toBinary(query.output, create(query.output, { answers }))));
};

const server = new Server();
server.addService({ query: definition }, { query: answer });
server.bindAsync(values.listen, ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`ContextProviderService on ${values.listen.replace(/:\d+$/, '')}:${port}`);
});
