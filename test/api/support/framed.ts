import { type DescMessage, fromBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { BadRequestSchema, ErrorInfoSchema, type Status, StatusSchema } from '@reeve/sdk/protocol';

/** What a call over HTTP failed with, whichever way that is written. */
export interface Failure {
  /** As google.rpc.Code has it, in lower case; empty: it has not failed. */
  readonly code: string;
  readonly reason: string;
  readonly fields: readonly string[];
  readonly message: string;
}

export const FRAMINGS = [
  'application/connect+json',
  'application/connect+proto',
  'application/grpc-web+json',
  'application/grpc-web+proto',
] as const;

/** A message in the envelope of Connect streams and of gRPC-Web. */
export function enveloped(message: string | Uint8Array, flags = 0): Buffer {
  const bytes = Buffer.from(message);
  const head = Buffer.alloc(5);
  head.writeUInt8(flags);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** Posts a body of one of the framings; answers with how that ended. */
export async function failureOver(
  url: string,
  type: string,
  body: Buffer,
  more: Readonly<Record<string, string>> = {},
): Promise<Failure> {
  const headers = { 'content-type': type, ...more };
  const answer = await fetch(url, { method: 'POST', headers, body });
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (!type.includes('grpc-web')) return ofConnect(JSON.parse(lastEnvelope(bytes).toString()).error);
  const trailers = bytes.length > 0 ? lastEnvelope(bytes).toString() : '';
  const details = /grpc-status-details-bin: (.*)/.exec(trailers)?.[1];
  const own = details ?? answer.headers.get('grpc-status-details-bin');
  return ofStatus(fromBinary(StatusSchema, Buffer.from(own ?? '', 'base64')));
}

interface ConnectFailure {
  readonly code: string;
  readonly message?: string;
  readonly details?: readonly { readonly type: string; readonly value: string }[];
}

function ofConnect(error: ConnectFailure | undefined): Failure {
  const detail = <Desc extends DescMessage>(desc: Desc) => {
    const found = error?.details?.find(({ type }) => type === desc.typeName);
    return found && fromBinary(desc, Buffer.from(found.value, 'base64'));
  };
  return {
    code: error?.code ?? '',
    message: error?.message ?? '',
    reason: detail(ErrorInfoSchema)?.reason ?? '',
    fields: detail(BadRequestSchema)?.fieldViolations.map(({ field }) => field) ?? [],
  };
}

const CODES: Readonly<Record<number, string>> = {
  0: '',
  3: 'invalid_argument',
  8: 'resource_exhausted',
  12: 'unimplemented',
};

function ofStatus({ code, message, details }: Status): Failure {
  const info = details.map((any) => anyUnpack(any, ErrorInfoSchema)).find(Boolean);
  const bad = details.map((any) => anyUnpack(any, BadRequestSchema)).find(Boolean);
  const fields = bad?.fieldViolations.map(({ field }) => field) ?? [];
  return { code: CODES[code] ?? String(code), message, reason: info?.reason ?? '', fields };
}

function lastEnvelope(bytes: Buffer): Buffer {
  for (let at = 0; ; ) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    if (end >= bytes.length) return bytes.subarray(at + 5, end);
    at = end;
  }
}
