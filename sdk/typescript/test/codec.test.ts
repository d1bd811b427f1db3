import { create, fromBinary, fromJson, type JsonValue, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, encode } from '../src/codec/codec.js';
import { UnusualBytes, WireReader } from '../src/codec/wire-reader.js';
import { UnusualValue, WireWriter } from '../src/codec/wire-writer.js';
import { CODECS } from '../src/gen/codecs.js';
import type { Tier } from '../src/protocol.js';
import * as protocol from '../src/protocol.js';
import { anyMessage } from './support/any-message.js';

const SCHEMAS = [
  protocol.WorkRequestSchema,
  protocol.WorkResponseSchema,
  protocol.BatchSubmitTasksRequestSchema,
  protocol.BatchSubmitTasksResponseSchema,
  protocol.TaskSpecSchema,
  protocol.TaskResultSchema,
] as const;

/** By the generated code alone, without the library behind it. */
function codecOf(typeName: string) {
  const codec = CODECS.get(typeName);
  if (!codec) throw new Error(`${typeName} has no codec`);
  return {
    write(message: unknown) {
      const writer = new WireWriter();
      codec.write(writer, message);
      return writer.finish();
    },
    read: (bytes: Uint8Array) => codec.read(new WireReader(bytes), bytes.length),
  };
}

describe.each(SCHEMAS)('$typeName', (schema) => {
  const codec = codecOf(schema.typeName);

  it('is written as the library writes it, and read as the library reads it', () => {
    fc.assert(
      fc.property(anyMessage(schema), (message) => {
        const bytes = Buffer.from(toBinary(schema, message));
        expect(codec.write(message).equals(bytes)).toBe(true);
        expect(codec.read(bytes)).toStrictEqual(fromBinary(schema, bytes));
      }),
      { numRuns: 60 },
    );
  });

  it('is what the library makes of it, or refused with its words, where bytes are broken', () => {
    const broken = anyMessage(schema).chain((message) => {
      const bytes = Buffer.from(toBinary(schema, message));
      return fc.tuple(fc.constant(bytes), fc.nat(Math.max(0, bytes.length - 1)), fc.nat(255), fc.boolean());
    });
    fc.assert(
      fc.property(broken, ([bytes, at, byte, cut]) => {
        const changed = Buffer.from(cut ? bytes.subarray(0, at) : bytes);
        if (!cut && changed.length > 0) changed[at] = byte;
        expect(outcomeOf(() => decode(schema, changed))).toStrictEqual(
          outcomeOf(() => fromBinary(schema, changed)),
        );
      }),
      { numRuns: 300 },
    );
  });
});

function outcomeOf(read: () => unknown): unknown {
  try {
    return { message: read() };
  } catch (error) {
    return { error: String(error) };
  }
}

describe('what the generated code does not take', () => {
  const schema = protocol.TaskSpecSchema;

  it.each([
    ['deep', Array.from({ length: 40 }).reduce<JsonValue>((inner) => [inner], 1)],
    ['with a key that objects take for their prototype', { '--proto--': 1 }],
  ])('is read by the library: a value that is %s', (_what, json) => {
    const content = { case: 'json', value: fromJson(ValueSchema, json) } as const;
    const written = Buffer.from(toBinary(schema, create(schema, { input: { content } })));
    const bytes = Buffer.from(written.toString('latin1').replace('--proto--', '__proto__'), 'latin1');
    expect(() => codecOf(schema.typeName).read(bytes)).toThrow(UnusualBytes);
    expect(decode(schema, bytes)).toStrictEqual(fromBinary(schema, bytes));
  });

  it('is refused by the library, which names the field', () => {
    const spec = create(schema, { tier: 1.5 as Tier });
    expect(() => codecOf(schema.typeName).write(spec)).toThrow(UnusualValue);
    expect(() => encode(schema, spec)).toThrow('reeve.v1.TaskSpec.tier');
  });

  it('is text with the character that stands for what is not UTF-8', () => {
    const spec = create(schema, { kind: 'a\ufffdb' });
    expect(decode(schema, encode(schema, spec))).toStrictEqual(spec);
  });

  it('is text that is not UTF-8', () => {
    const bytes = new BinaryWriter().tag(1, 2).bytes(Uint8Array.of(0x61, 0xff)).finish();
    expect(() => codecOf(schema.typeName).read(bytes)).toThrow(UnusualBytes);
    expect(outcomeOf(() => decode(schema, bytes))).toStrictEqual(outcomeOf(() => fromBinary(schema, bytes)));
  });
});

it('fields of a later version are kept and written again', () => {
  const later = new BinaryWriter().tag(1, 2).string('a.kind').tag(900, 2).string('new').tag(901, 0).uint32(7);
  const bytes = Buffer.from(later.tag(902, 1).fixed64(1n).tag(903, 5).fixed32(1).finish());
  const schema = protocol.TaskSpecSchema;
  const codec = codecOf(schema.typeName);
  const message = codec.read(bytes);
  expect(message).toStrictEqual(fromBinary(schema, bytes));
  expect(codec.write(message)).toEqual(Buffer.from(toBinary(schema, fromBinary(schema, bytes))));
  expect(codec.write(message).equals(bytes)).toBe(true);
});

it('a message that comes in two parts is both of them', () => {
  const part = (spec: object) =>
    toBinary(protocol.SubmitTaskRequestSchema, create(protocol.SubmitTaskRequestSchema, { task: spec }));
  const bytes = Buffer.concat([
    part({ kind: 'a', labels: { a: '1' } }),
    part({ goal: 'g', labels: { b: '2' } }),
  ]);
  const message = codecOf('reeve.v1.SubmitTaskRequest').read(bytes);
  expect(message).toStrictEqual(fromBinary(protocol.SubmitTaskRequestSchema, bytes));
});

it('a long message needs more room than there was', () => {
  const schema = protocol.BatchSubmitTasksRequestSchema;
  const requests = Array.from({ length: 300 }, (_, i) => ({
    task: {
      kind: 'k',
      goal: 'ä'.repeat(i),
      input: { content: { case: 'data' as const, value: new Uint8Array(9_000) } },
    },
  }));
  const message = create(schema, { requests });
  expect(encode(schema, message).equals(toBinary(schema, message))).toBe(true);
});
