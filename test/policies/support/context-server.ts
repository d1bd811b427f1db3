import { create, fromBinary, fromJson, type MessageInitShape, toBinary, toJson } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import {
  ContextAnswerSchema,
  ContextProviderService,
  type ContextProviderServiceQueryRequest,
} from '@reeve/sdk/protocol';
import { onTestFinished } from 'vitest';
import type { JsonValue } from '../../../src/domain/json.js';

const { method, typeName } = ContextProviderService;

type Answer = NonNullable<MessageInitShape<typeof ContextAnswerSchema>['answer']>;

/** A value that was found. */
export function value(found: JsonValue): Answer {
  return { case: 'value', value: fromJson(ValueSchema, found as Parameters<typeof fromJson>[1]) };
}

export function error(words: string): Answer {
  return { case: 'error', value: words };
}

/** What the provider does; may be changed while it runs. */
export interface ProviderState {
  /** One answer each, unless it means to be wrong. HANG: nothing ever. */
  answer: (
    queries: readonly { readonly name: string; readonly query: JsonValue }[],
  ) => readonly Answer[] | 'HANG';
  /** Answered after this has come to an end. */
  until: Promise<unknown>;
}

/** A ContextProviderService on loopback, until the test is over. */
export async function startProvider({ answer, until }: Partial<ProviderState> = {}, port = 0) {
  const state: ProviderState = {
    answer: answer ?? ((queries) => queries.map(({ query }) => value({ found: query }))),
    until: until ?? Promise.resolve(),
  };
  const requests: ContextProviderServiceQueryRequest[] = [];
  let underWay = 0;
  let most = 0;
  const server = new Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
  const same = (bytes: Buffer) => bytes;
  const definition = {
    path: `/${typeName}/${method.query.name}`,
    requestStream: false as const,
    responseStream: false as const,
    ...{ requestSerialize: same, requestDeserialize: same },
    ...{ responseSerialize: same, responseDeserialize: same },
  };
  const query = async (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
    const request = fromBinary(method.query.input, call.request);
    requests.push(request);
    most = Math.max(most, ++underWay);
    await state.until;
    underWay--;
    const queries = request.queries.map(({ name, query: asked }) => {
      return { name, query: asked ? (toJson(ValueSchema, asked) as JsonValue) : null };
    });
    const answers = state.answer(queries);
    if (answers === 'HANG') return;
    const response = create(method.query.output, {
      answers: answers.map((one) => create(ContextAnswerSchema, { answer: one })),
    });
    done(null, Buffer.from(toBinary(method.query.output, response)));
  };
  const serve = (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
    query(call, done).catch((wrong: Error) => done({ code: status.UNKNOWN, details: wrong.message }));
  };
  server.addService({ query: definition }, { query: serve });
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (failed, free) =>
      failed ? reject(failed) : resolve(free),
    );
  });
  const stop = () => server.forceShutdown();
  onTestFinished(stop);
  return {
    ...{ state, requests, stop, port: bound, address: `127.0.0.1:${bound}` },
    /** Calls that were under way at once. */
    mostAtOnce: () => most,
  };
}
