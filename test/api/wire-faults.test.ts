import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { type Value, ValueSchema } from '@bufbuild/protobuf/wkt';
import {
  BatchSubmitTasksRequestSchema,
  SubmitTaskRequestSchema,
  type TaskSpecSchema,
} from '@reeve/sdk/protocol';
import { describe, expect, it, test } from 'vitest';
import { decodeRequest } from '../../src/api/decode-request.js';
import { ReeveError } from '../../src/api/errors.js';

type Schema = Parameters<typeof decodeRequest>[0];

/** What a request in binary is refused with: the reason, and each field with what is wrong there. */
function said(schema: Schema, bytes: Uint8Array): unknown[] {
  try {
    decodeRequest(schema, bytes);
    return [];
  } catch (error) {
    if (!(error instanceof ReeveError)) throw error;
    const { violations = [] } = error.details;
    return [error.reason, ...violations.map(({ field, description }) => `${field}: ${description}`)];
  }
}

/** Submissions of specs, with a byte that is never part of UTF-8 instead of each `~`. */
function garbled(...specs: MessageInitShape<typeof TaskSpecSchema>[]): Buffer {
  const requests = specs.map((task) => ({ task }));
  const batch = create(BatchSubmitTasksRequestSchema, { requests });
  const bytes = Buffer.from(toBinary(BatchSubmitTasksRequestSchema, batch));
  return bytes.map((byte) => (byte === 0x7e ? 0xff : byte)) as Buffer;
}

const json = (kind: Value['kind']) => ({ input: { content: { case: 'json', value: { kind } } } }) as const;

describe('a string that is not UTF-8', () => {
  test.each<[string, MessageInitShape<typeof TaskSpecSchema>]>([
    ['kind: is not UTF-8', { kind: 'a~' }],
    ['labels["env"]: is not UTF-8', { labels: { app: 'x', env: '~' } }],
    ['labels: has a key that is not UTF-8', { labels: { '~': 'x' } }],
    ['requirements.capabilities[1]: is not UTF-8', { requirements: { capabilities: ['a', '~', '~'] } }],
    ['input.json: is not UTF-8', json({ case: 'stringValue', value: '~' })],
  ])('is told at its field: %s', (fault, spec) => {
    expect(said(BatchSubmitTasksRequestSchema, garbled({ kind: 'sound' }, spec))).toEqual([
      'INVALID_FIELD',
      `requests[1].task.${fault}`,
    ]);
  });

  it('is data where bytes are', () => {
    const data = { input: { content: { case: 'data', value: Buffer.from('~') } } } as const;
    expect(said(BatchSubmitTasksRequestSchema, garbled({ kind: 'a', ...data }))).toEqual([]);
  });
});

describe('a value over the wire', () => {
  /** A list in a list and so on, `levels` of them, in the input of a submission, in binary. */
  function nested(levels: number): Uint8Array {
    let bytes: Uint8Array = toBinary(
      ValueSchema,
      create(ValueSchema, { kind: { case: 'listValue', value: {} } }),
    );
    for (let i = 1; i < levels; i++) bytes = field(6, field(1, bytes));
    return field(1, field(2, field(3, bytes)));
  }

  function field(number: number, bytes: Uint8Array): Uint8Array {
    return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes]);
  }

  function varint(length: number): Buffer {
    return length < 128
      ? Buffer.from([length])
      : Buffer.concat([Buffer.from([(length & 127) | 128]), varint(length >>> 7)]);
  }

  test.each([200, 5_000])('is refused at its field if it nests too deep to decode: %s', (levels) => {
    expect(said(SubmitTaskRequestSchema, nested(levels))).toEqual([
      'INVALID_FIELD',
      'task.input.json: must not nest deeper than 64 levels',
    ]);
  });

  it('is left to the constraints if it can be decoded', () => {
    expect(said(SubmitTaskRequestSchema, nested(65))).toEqual([]);
  });

  it('is no such message if neither is the case', () => {
    expect(said(SubmitTaskRequestSchema, Buffer.from('0a0208ff', 'hex'))).toEqual(['MALFORMED_MESSAGE']);
  });
});
