import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import {
  AgentService,
  BatchSubmitTasksRequestSchema,
  CoordinatorService,
  SubmitTaskRequestSchema,
  WorkRequestSchema,
  WorkResponseSchema,
} from '@reeve/sdk/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePlain } from '../../../src/api/wire/decode.js';
import { encode } from '../../../src/api/wire/encode.js';
import { anyMessage } from './any-message.js';

const methods = [...CoordinatorService.methods, ...AgentService.methods];
const schemas: readonly DescMessage[] = [...new Set(methods.flatMap(({ input, output }) => [input, output]))];
const named = schemas.map((schema) => [schema.name, schema] as const);

describe.each(named)('%s', (_name, schema) => {
  it('is written byte for byte as the library does', () => {
    fc.assert(
      fc.property(anyMessage(schema), (message) => {
        expect(hex(encode(schema, message))).toBe(hex(toBinary(schema, message)));
      }),
      { numRuns: 60 },
    );
  });

  it('is read as by the library, or left to it', () => {
    fc.assert(
      fc.property(anyMessage(schema), (message) => {
        const bytes = binary(schema, message);
        const read = decodePlain(schema, bytes);
        if (read) expect(read).toEqual(fromBinary(schema, bytes));
      }),
      { numRuns: 60 },
    );
  });
});

describe('bytes that were changed', () => {
  const read: readonly (readonly [string, DescMessage])[] = [
    ['a submission', BatchSubmitTasksRequestSchema],
    ['a message of an agent', WorkRequestSchema],
  ];
  it.each(read)('of %s are read only if the library reads them, and as it does', (_name, schema) => {
    let reads = 0;
    fc.assert(
      fc.property(
        anyMessage(schema),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        (message, changes) => {
          const bytes = binary(schema, message);
          for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
          const read = decodePlain(schema, bytes);
          if (!read) return;
          reads += 1;
          expect(read).toEqual(fromBinary(schema, bytes, { recursionLimit: 400 }));
        },
      ),
      { numRuns: 1_000 },
    );
    expect(reads).toBeGreaterThan(0);
  });
});

describe('what is usual', () => {
  const claim = { taskId: '01890a5d-ac96-774b-bcce-b302099a8057', epoch: 3n };

  it('of an agent is read without the library', () => {
    const usual = create(WorkRequestSchema, {
      message: {
        case: 'results',
        value: {
          results: [
            {
              claim,
              resultId: claim.taskId,
              result: {
                outcome: 1,
                summary: 'ß',
                output: { content: { case: 'data', value: Buffer.from('{}') } },
              },
            },
          ],
        },
      },
    });
    const bytes = binary(WorkRequestSchema, usual);
    expect(decodePlain(WorkRequestSchema, bytes)).toEqual(fromBinary(WorkRequestSchema, bytes));
  });

  it('of a client is read without the library', () => {
    const usual = create(SubmitTaskRequestSchema, {
      requestId: claim.taskId,
      task: {
        kind: 'mail.send',
        labels: { env: 'prod', team: 'ü' },
        input: { content: { case: 'json', value: { kind: { case: 'numberValue', value: -1.5 } } } },
        requirements: { capabilities: ['a', 'b'], minHealth: 0 },
        runAt: { seconds: 1_900_000_000n, nanos: 5 },
      },
    });
    const bytes = binary(SubmitTaskRequestSchema, usual);
    expect(decodePlain(SubmitTaskRequestSchema, bytes)).toEqual(fromBinary(SubmitTaskRequestSchema, bytes));
  });
});

describe('bytes that need the library', () => {
  const refused = (...bytes: number[]) => decodePlain(SubmitTaskRequestSchema, Uint8Array.of(...bytes));

  it.each([
    ['an unknown field', [0xfa, 0x01, 0x00]],
    ['another wire type', [0x10, 0x01]],
    ['a message that comes twice, which is to be merged', [0x0a, 0x00, 0x0a, 0x00]],
    ['a part that is longer than what holds it', [0x0a, 0x05, 0x0a, 0x01]],
    ['text that is no UTF-8', [0x12, 0x01, 0xff]],
    ['a tag of more bytes than it needs', [0x8a, 0x80, 0x80, 0x80, 0x80, 0x00, 0x00]],
    ['the key __proto__', [0x0a, 0x0f, 0x32, 0x0d, 0x0a, 0x09, ...Buffer.from('__proto__'), 0x12, 0x00]],
    ['an entry of a map without a key', [0x0a, 0x04, 0x32, 0x02, 0x12, 0x00]],
  ] as const)('are left to it: %s', (_what, bytes) => {
    expect(refused(...bytes)).toBeUndefined();
  });
});

describe('messages that need the library', () => {
  it('are written by it after they were tried, and leave nothing behind', () => {
    const negative = create(WorkResponseSchema, {
      message: { case: 'keepAlive', value: { within: { seconds: -1n, nanos: -5 } } },
    });
    const ping = create(WorkResponseSchema, { message: { case: 'ping', value: { nonce: 2n ** 63n } } });
    for (const message of [negative, ping]) {
      expect(hex(encode(WorkResponseSchema, message))).toBe(hex(toBinary(WorkResponseSchema, message)));
    }
  });

  it('are refused by it', () => {
    const wrong = create(SubmitTaskRequestSchema, { task: { retry: { maxAttempts: -1 } } });
    expect(() => encode(SubmitTaskRequestSchema, wrong)).toThrow('max_attempts');
  });

  it('may be larger than what the writer keeps', () => {
    const content = { case: 'data', value: new Uint8Array(3_000_000).fill(7) } as const;
    const large = create(SubmitTaskRequestSchema, { task: { kind: 'x', input: { content } } });
    expect(encode(SubmitTaskRequestSchema, large).equals(toBinary(SubmitTaskRequestSchema, large))).toBe(
      true,
    );
    const small = create(SubmitTaskRequestSchema, { requestId: 'a' });
    expect(hex(encode(SubmitTaskRequestSchema, small))).toBe(hex(toBinary(SubmitTaskRequestSchema, small)));
  });
});

/** As they come from the wire. */
function binary<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): Buffer {
  return Buffer.from(toBinary(schema, message));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
