import { create, type DescField, type DescMessage, type MessageShape, ScalarType } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import fc from 'fast-check';

type Setting = (message: ReflectMessage) => void;

/** Without the character that stands for bytes that are not UTF-8, which the library looks at. */
const TEXT = fc
  .oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.string({ maxLength: 200 }))
  .filter((text) => !text.includes('\ufffd'));

const SCALARS: Partial<Record<ScalarType, fc.Arbitrary<unknown>>> = {
  [ScalarType.STRING]: TEXT,
  [ScalarType.BYTES]: fc.uint8Array({ maxLength: 300 }),
  [ScalarType.BOOL]: fc.boolean(),
  [ScalarType.DOUBLE]: fc.double({ noNaN: true }),
  [ScalarType.INT32]: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  [ScalarType.UINT32]: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  [ScalarType.INT64]: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  [ScalarType.UINT64]: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
};

/** Messages of a type with anything in them that its fields can hold, nested up to `depth`. */
export function anyMessage<D extends DescMessage>(schema: D, depth = 7): fc.Arbitrary<MessageShape<D>> {
  return anyReflected(schema, depth).map(({ message }) => message as MessageShape<D>);
}

function anyReflected(schema: DescMessage, depth: number): fc.Arbitrary<ReflectMessage> {
  const settings = schema.members.map((member) =>
    member.kind === 'field'
      ? anySetting(member, depth)
      : fc.oneof(...member.fields.map((field) => anySetting(field, depth))),
  );
  return fc.tuple(...settings).map((all) => {
    const message = reflect(schema, create(schema));
    for (const set of all) set(message);
    return message;
  });
}

/** Sets a field to something, or leaves it. */
function anySetting(field: DescField, depth: number): fc.Arbitrary<Setting> {
  const left: fc.Arbitrary<Setting> = fc.constant(() => {});
  if (field.message && depth === 0) return left;
  return fc.oneof(left, anyContent(field, depth));
}

function anyContent(field: DescField, depth: number): fc.Arbitrary<Setting> {
  const value = anyItem(field, depth);
  if (field.fieldKind === 'list') {
    return fc.array(value, { maxLength: 3 }).map((items) => (message) => {
      for (const item of items) message.get(field).add(item);
    });
  }
  if (field.fieldKind === 'map') {
    return fc.array(fc.tuple(TEXT, value), { maxLength: 3 }).map((entries) => (message) => {
      for (const [key, item] of entries) message.get(field).set(key, item);
    });
  }
  return value.map((item) => (message) => message.set(field, item));
}

function anyItem(field: DescField, depth: number): fc.Arbitrary<unknown> {
  if (field.message) return anyReflected(field.message, depth - 1);
  // Enums are open.
  if (field.enum) return fc.constantFrom(...field.enum.values.map(({ number }) => number), 77, -1);
  const values = field.scalar && SCALARS[field.scalar];
  if (!values) throw new Error(`${field}: no values of its type are known`);
  return values;
}
