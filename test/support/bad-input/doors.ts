import { type DescMethod, fromBinary, type Message, toBinary, toJson } from '@bufbuild/protobuf';
import { BadRequestSchema } from '@reeve/sdk/protocol';
import { connect, detailsOf, failureOf } from '../../api/support/grpc-client.js';

/** What a call came to, whichever door it went through. */
export interface Outcome {
  /** `INVALID_ARGUMENT`; `OK` if it succeeded. */
  readonly code: string;
  /** The fields that a BadRequest names. */
  readonly fields: readonly string[];
  readonly message: string;
  /** The answer of a unary call that succeeded. */
  readonly response?: unknown;
}

export interface Door {
  readonly name: 'grpc' | 'http';
  send(method: DescMethod, request: Message): Promise<Outcome>;
  close(): void;
}

const CODES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
];

export function grpcDoor(address: string): Door {
  const client = connect(address);
  const pathOf = (method: DescMethod) => `/${method.parent.typeName}/${method.name}`;
  return {
    name: 'grpc',
    async send(method, request) {
      const bytes = Buffer.from(toBinary(method.input, request));
      if (method.methodKind === 'unary') {
        let response: unknown;
        const call = client.callRaw(pathOf(method), bytes, (b) => fromBinary(method.output, b));
        const failed = failureOf(
          call.then((answer) => {
            response = answer;
          }),
        );
        return failed.then(outcomeOf, () => ({ code: 'OK', fields: [], message: '', response }));
      }
      const stream = client.client.makeServerStreamRequest(
        pathOf(method),
        (b: Buffer) => b,
        (b) => b,
        bytes,
      );
      return new Promise((resolve) => {
        stream.on('data', () => stream.cancel());
        stream.on('end', () => resolve({ code: 'OK', fields: [], message: '' }));
        stream.on('error', (error) => resolve(outcomeOf(error)));
      });
    },
    close: () => client.close(),
  };
}

/** What a gRPC error says. */
export function outcomeOf(error: Error & { code?: number; details?: string }): Outcome {
  const code = CODES[error.code ?? 2] ?? String(error.code);
  return {
    code,
    fields: code === 'INVALID_ARGUMENT' ? detailsOf(error).fields : [],
    message: error.details ?? '',
  };
}

interface ConnectError {
  readonly code: string;
  readonly message?: string;
  readonly details?: readonly { readonly type: string; readonly value: string }[];
}

/** JSON in the Connect protocol; a request that JSON cannot say makes `send` reject. */
export function httpDoor(address: string): Door {
  return {
    name: 'http',
    async send(method, request) {
      const json = Buffer.from(JSON.stringify(toJson(method.input, request)));
      const isStream = method.methodKind !== 'unary';
      const answer = await fetch(`http://${address}/${method.parent.typeName}/${method.name}`, {
        method: 'POST',
        headers: {
          'content-type': isStream ? 'application/connect+json' : 'application/json',
          'connect-timeout-ms': '20000',
        },
        body: isStream ? enveloped(json) : json,
      });
      const bytes = Buffer.from(await answer.arrayBuffer());
      const body = isStream ? lastEnvelope(bytes) : JSON.parse(bytes.toString());
      const error = (isStream ? body.error : answer.ok ? undefined : body) as ConnectError | undefined;
      if (!error) return { code: 'OK', fields: [], message: '', response: body };
      return { code: error.code.toUpperCase(), fields: fieldsOf(error), message: error.message ?? '' };
    },
    close: () => {},
  };
}

function enveloped(json: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(json.length, 1);
  return Buffer.concat([head, json]);
}

function lastEnvelope(bytes: Buffer): Record<string, unknown> {
  let at = 0;
  for (;;) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    if (end >= bytes.length) return JSON.parse(bytes.subarray(at + 5, end).toString());
    at = end;
  }
}

function fieldsOf({ details = [] }: ConnectError): string[] {
  const detail = details.find(({ type }) => type === 'google.rpc.BadRequest');
  if (!detail) return [];
  const { fieldViolations } = fromBinary(BadRequestSchema, Buffer.from(detail.value, 'base64'));
  return fieldViolations.map(({ field }) => field);
}
