import { create, fromJson, type JsonValue, type Message } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import {
  BatchSubmitTasksRequestSchema,
  PayloadSchema,
  StringFormat,
  SubmitTaskRequestSchema,
  TaskSpecSchema,
} from '@reeve/sdk/protocol';
import { describe, expect, it } from 'vitest';
import { createChecker } from '../../../src/api/constraints/checker.js';
import { type FieldSketch, messageWith } from './support-descriptors.js';

/** The descriptions for one field of one value; empty if it is sound. */
function told(sketch: FieldSketch, value: unknown): string[] {
  const desc = messageWith({ f: sketch });
  const message = create(desc, value === undefined ? {} : { f: value });
  return createChecker()
    .check(desc, message)
    .map(({ field, description }) => `${field} ${description}`);
}

const sound = (sketch: FieldSketch, ...values: unknown[]) => {
  for (const value of values) expect(told(sketch, value), String(value)).toEqual([]);
};
const broken = (sketch: FieldSketch, text: string, ...values: unknown[]) => {
  for (const value of values)
    expect(told(sketch, value), String(value)).toEqual([expect.stringContaining(text)]);
};

describe('strings', () => {
  it('are counted in code points', () => {
    const sketch: FieldSketch = { kind: 'STRING', rules: { minLength: 2, maxLength: 3 } };
    sound(sketch, '', 'ab', 'abc', '😀😀', '😀😀😀');
    broken(sketch, 'at most 3', 'abcd', '😀😀😀😀');
    broken(sketch, 'at least 2', 'a', '😀');
  });

  it('match a pattern as a whole', () => {
    const sketch: FieldSketch = { kind: 'STRING', rules: { pattern: 'a|bc' } };
    sound(sketch, '', 'a', 'bc');
    broken(sketch, 'must match', 'ab', 'xa', 'bcx', 'a\n');
  });

  it('have their formats', () => {
    const format = (of: StringFormat): FieldSketch => ({ kind: 'STRING', rules: { format: of } });
    sound(
      format(StringFormat.UUID),
      '01890a5d-ac96-774b-bcce-b302099a8057',
      '01890A5D-AC96-774B-BCCE-B302099A8057',
    );
    broken(format(StringFormat.UUID), 'a UUID', '01890a5dac96774bbcceb302099a8057', 'x');
    sound(format(StringFormat.NAME), 'document.summarize', 'A/b:c@d+e_f-1', '9');
    broken(format(StringFormat.NAME), 'a name', ' a', '-a', 'a b', 'é', 'a\n', '__proto__');
    sound(format(StringFormat.TEXT), 'two\nlines\tand é 😀\r\n');
    broken(format(StringFormat.TEXT), 'control characters', 'a\u0007', '\u001b[31m', '\u009b');
    sound(format(StringFormat.MEDIA_TYPE), 'text/plain', 'application/vnd.a+json; charset=utf-8; a="b c"');
    broken(format(StringFormat.MEDIA_TYPE), 'a media type', 'json', 'a/b/c', 'a/b;', 'a /b');
  });

  it('never hold NUL or half a surrogate pair, with rules or without', () => {
    broken({ kind: 'STRING' }, 'NUL', 'a\0b', '\ud800', 'x\udc00');
    broken({ kind: 'STRING', repeated: true }, 'f[1]', ['a', '\0']);
    sound({ kind: 'STRING' }, '😀', 'plain', '');
  });
});

describe('numbers, bytes and enums', () => {
  it('are within their bounds, and finite', () => {
    const double: FieldSketch = { kind: 'DOUBLE', rules: { min: 0, max: 1 } };
    sound(double, 0, 0.5, 1);
    broken(double, 'at least 0', -0.1);
    broken(double, 'at most 1', 1.1);
    broken(double, 'finite', Number.NaN, Number.POSITIVE_INFINITY);
    const long: FieldSketch = { kind: 'INT64', rules: { min: 1 } };
    sound(long, 1n, 2n ** 60n);
    broken(long, 'at least 1', 0n, undefined);
    sound({ ...double, rules: { min: 1 }, optional: true }, undefined);
    sound({ kind: 'DOUBLE' }, Number.NaN);
  });

  it('of bytes are not too many', () => {
    const bytes: FieldSketch = { kind: 'BYTES', rules: { maxBytes: 2, required: true } };
    sound(bytes, new Uint8Array(2));
    broken(bytes, 'at most 2', new Uint8Array(3));
    broken(bytes, 'must be set', new Uint8Array());
  });

  it('of enums are known', () => {
    const of: FieldSketch = { kind: 'ENUM', type: '.test.E' };
    sound(of, 0, 1);
    broken(of, 'not a known value', 2, -1);
    broken({ ...of, rules: { required: true } }, 'must be set', 0);
    broken({ ...of, repeated: true }, 'f[1]', [1, 9]);
  });
});

describe('presence', () => {
  it('is asked of every kind of field', () => {
    const rules = { required: true };
    broken({ kind: 'STRING', rules }, 'must be set', '', undefined);
    broken({ kind: 'STRING', rules, optional: true }, 'must be set', undefined, '');
    broken({ kind: 'INT32', rules, optional: true }, 'must be set', undefined);
    broken({ kind: 'MESSAGE', type: '.google.protobuf.Duration', rules }, 'must be set', undefined);
    broken({ kind: 'STRING', repeated: true, rules }, 'must not be empty', []);
    sound({ kind: 'INT32', rules, optional: true }, 0);
  });

  it('of a oneof is of one of its fields', () => {
    const fields = {
      a: { kind: 'STRING', inOneof: true, rules: { maxLength: 1 } },
      b: { kind: 'INT32', inOneof: true },
    } as const;
    const check = (required: boolean, choice?: object) => {
      const desc = messageWith(fields, required);
      return createChecker().check(desc, create(desc, choice ? { choice } : {}));
    };
    expect(check(false)).toEqual([]);
    expect(check(true)).toEqual([{ field: 'choice', description: 'exactly one of a, b must be set' }]);
    expect(check(true, { case: 'b', value: 0 })).toEqual([]);
    expect(check(true, { case: 'a', value: 'xx' })).toMatchObject([{ field: 'a' }]);
  });
});

describe('collections', () => {
  it('have not too few and not too many entries, and none twice where that is said', () => {
    const list: FieldSketch = {
      kind: 'STRING',
      repeated: true,
      rules: { minItems: 2, maxItems: 3, unique: true },
    };
    sound(list, ['a', 'b']);
    broken(list, 'at least 2', [], ['a']);
    broken(list, 'at most 3', ['a', 'b', 'c', 'd']);
    broken(list, 'f[2] must not repeat', ['a', 'b', 'a']);
  });

  it('bind their entries and keys', () => {
    broken({ kind: 'STRING', repeated: true, rules: { items: { required: true } } }, 'f[1] must be set', [
      'a',
      '',
    ]);
    const labels = { 'bad key': 'x', good: 'y\u0001', constructor: 'z' };
    const spec = create(TaskSpecSchema, { kind: 'k', labels });
    const fields = createChecker()
      .check(TaskSpecSchema, spec, 'task')
      .map(({ field }) => field);
    expect(fields).toEqual(['task.labels["bad key"]', 'task.labels["good"]']);
  });
});

describe('durations', () => {
  const type = '.google.protobuf.Duration';
  const duration = (seconds: number, nanos = 0) => ({ seconds: BigInt(seconds), nanos });

  it('are valid, and within their bounds', () => {
    const sketch: FieldSketch = {
      kind: 'MESSAGE',
      type,
      rules: { minDuration: {}, maxDuration: duration(20) },
    };
    sound(sketch, duration(0), duration(20), undefined);
    broken(sketch, 'at least 0s', duration(-1), duration(0, -1));
    broken(sketch, 'at most 20s', duration(20, 1));
    broken(
      sketch,
      'not a valid duration',
      duration(1, -1),
      duration(0, 1_000_000_000),
      duration(400_000_000_000),
    );
    broken({ kind: 'MESSAGE', type }, 'not a valid duration', duration(-1, 1));
  });
});

describe('JSON values', () => {
  const payload = (json: JsonValue): Message =>
    create(PayloadSchema, {
      content: { case: 'json', value: fromJson(ValueSchema, json, { recursionLimit: 1_000 }) },
    });
  const check = (message: Message) =>
    createChecker()
      .check(PayloadSchema, message as never)
      .map(({ field, description }) => `${field} ${description}`);
  const nested = (depth: number): JsonValue => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

  it('nest 64 levels and no deeper', () => {
    expect(check(payload(nested(64)))).toEqual([]);
    expect(check(payload(nested(66)))).toEqual([expect.stringContaining('deeper than 64')]);
  });

  it('hold strings, keys and numbers that JSON can write', () => {
    expect(check(payload({ a: ['\0'] }))).toEqual([expect.stringContaining('json must not contain NUL')]);
    expect(check(payload({ 'a\0': 1 }))).toHaveLength(1);
    const nan = create(PayloadSchema, {
      content: { case: 'json', value: { kind: { case: 'numberValue', value: Number.NaN } } },
    });
    expect(check(nan)).toEqual(['json must be a finite number']);
    expect(check(create(PayloadSchema, { content: { case: 'json', value: {} } }))).toHaveLength(1);
  });
});

describe('whole requests', () => {
  it('name the path of each broken field, 20 of them at most', () => {
    const requests = Array.from({ length: 30 }, () => ({ task: { kind: '' } }));
    const batch = create(BatchSubmitTasksRequestSchema, { requests });
    const violations = createChecker().check(BatchSubmitTasksRequestSchema, batch);
    expect(violations).toHaveLength(20);
    expect(violations[3]).toEqual({ field: 'requests[3].task.kind', description: 'must be set' });
  });

  it('leave the entries of a batch to be checked one by one', () => {
    const batch = create(BatchSubmitTasksRequestSchema, { requests: [{}, { task: { kind: 'a' } }] });
    const checker = createChecker();
    expect(checker.check(BatchSubmitTasksRequestSchema, batch, '', ['requests'])).toEqual([]);
    const each = batch.requests.map((item, i) =>
      checker.check(SubmitTaskRequestSchema, item, `requests[${i}]`),
    );
    expect(each).toEqual([[{ field: 'requests[0].task', description: 'must be set' }], []]);
    const empty = create(BatchSubmitTasksRequestSchema);
    expect(checker.check(BatchSubmitTasksRequestSchema, empty, '', ['requests'])).toHaveLength(1);
  });
});
