import { create, fromBinary, fromJson, toBinary } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { ExpansionItemSchema, TaskSpecSchema } from '@reeve/sdk/protocol';
import { expect, test } from 'vitest';
import { encodeJson } from '../../../src/api/wire/json-value.js';
import { partOf } from '../../../src/api/wire/part.js';
import type { JsonValue } from '../../../src/domain/json.js';
import { seededRandom } from '../../support/seeded-random.js';

const LEAVES: readonly JsonValue[] = [
  null,
  true,
  false,
  0,
  -0,
  -1.5,
  2 ** 53,
  1e300,
  '',
  'a',
  'é𝄞'.repeat(60),
  [],
  {},
];

function randomJson(random: () => number, depth: number): JsonValue {
  const pick = Math.floor(random() * (depth > 0 ? LEAVES.length + 6 : LEAVES.length));
  if (pick < LEAVES.length) return LEAVES[pick] ?? null;
  const count = Math.floor(random() * 5);
  const values = Array.from({ length: count }, () => randomJson(random, depth - 1));
  if (pick % 2 === 0) return values;
  return Object.fromEntries(
    values.map((value, n) => [`${n}-${'k'.repeat(Math.floor(random() * 200))}`, value]),
  );
}

test('JSON becomes the bytes that the library writes of it', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const json = randomJson(seededRandom(seed), 6);
    const bytes = encodeJson(json);
    const value = fromJson(ValueSchema, json as Parameters<typeof fromJson>[1]);
    expect({ seed, hex: bytes.toString('hex') }).toEqual({
      seed,
      hex: Buffer.from(toBinary(ValueSchema, value)).toString('hex'),
    });
  }
});

test('parts one after the other are the message', () => {
  const { item } = TaskSpecSchema.field;
  const head = toBinary(TaskSpecSchema, create(TaskSpecSchema, { kind: 'k', goal: 'g'.repeat(300) }));
  const part = toBinary(ExpansionItemSchema, create(ExpansionItemSchema, { identifier: 'i'.repeat(300) }));
  const spec = fromBinary(TaskSpecSchema, Buffer.concat([head, partOf(item, part)]));
  expect(spec).toMatchObject({ kind: 'k', item: { identifier: 'i'.repeat(300) } });
});
