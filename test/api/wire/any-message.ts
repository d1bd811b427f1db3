import {
  create,
  type DescField,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
  ScalarType,
} from '@bufbuild/protobuf';
import fc from 'fast-check';

const TEXT = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ minLength: 70, maxLength: 200 }),
  fc.constantFrom('\ufeffmarked', 'half \ud800 of a pair', 'a\0b', '__proto__', 'ä'.repeat(90)),
);
/** Deeper than this only what has to be there is there. */
const MAX_DEPTH = 4;

/** Any message of a type, with unknown fields now and then. */
export function anyMessage<Desc extends DescMessage>(
  desc: Desc,
  depth = 0,
): fc.Arbitrary<MessageShape<Desc>> {
  const plain = desc.fields.filter((field) => !field.oneof);
  const members = Object.fromEntries(
    plain.map((field) => [field.localName, fc.option(valueOfField(field, depth), { nil: undefined })]),
  );
  const oneofs = Object.fromEntries(
    desc.oneofs
      .filter((oneof) => oneof.fields.length > 1)
      .map((oneof) => [
        oneof.localName,
        fc.oneof(
          fc.constant({ case: undefined }),
          ...oneof.fields
            .filter((field) => depth < MAX_DEPTH || !field.message)
            .map((field) => valueOfField(field, depth).map((value) => ({ case: field.localName, value }))),
        ),
      ]),
  );
  const optional = Object.fromEntries(
    desc.oneofs
      .flatMap((oneof) => (oneof.fields.length === 1 ? oneof.fields : []))
      .map((field) => [field.localName, fc.option(valueOfField(field, depth), { nil: undefined })]),
  );
  const unknown = fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 2 });
  return fc
    .tuple(fc.record({ ...members, ...oneofs, ...optional }), fc.option(unknown, { freq: 20, nil: [] }))
    .map(([init, parts]) => {
      const message = create(desc, init as MessageInitShape<Desc>);
      if (parts?.length) {
        const $unknown = parts.map((data, i) => ({
          no: 900 + i,
          wireType: 2,
          data: Uint8Array.of(data.length, ...data),
        }));
        Object.assign(message, { $unknown });
      }
      return message;
    });
}

function valueOfField(field: DescField, depth: number): fc.Arbitrary<unknown> {
  const one = singleOf(field, depth);
  const maxLength = depth < MAX_DEPTH ? 3 : 0;
  if (field.fieldKind === 'list') return fc.array(one, { maxLength });
  if (field.fieldKind === 'map') {
    // `create` itself loses this key.
    return fc.dictionary(
      TEXT.filter((key) => key !== '__proto__'),
      one,
      { maxKeys: maxLength },
    );
  }
  return one;
}

function singleOf(field: DescField, depth: number): fc.Arbitrary<unknown> {
  if (field.message) {
    if (
      field.message.typeName === 'google.protobuf.Struct' &&
      field.parent.typeName !== 'google.protobuf.Value'
    ) {
      return fc.constantFrom({}, { a: [1, { b: null }] });
    }
    const { message } = field;
    return depth < MAX_DEPTH ? anyMessage(message, depth + 1) : fc.constant(create(message));
  }
  if (field.enum) return fc.constantFrom(...field.enum.values.map((value) => value.number), 77, -1);
  switch (field.scalar) {
    case ScalarType.STRING:
      return TEXT;
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 300 });
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.DOUBLE:
      return fc.double();
    case ScalarType.INT32:
      return fc.oneof(fc.integer(), fc.constantFrom(0, -0, 127, 128, 16_383, 16_384, 2 ** 31 - 1));
    case ScalarType.UINT32:
      return fc.oneof(fc.nat(), fc.constantFrom(2 ** 32 - 1, 2 ** 28, 2 ** 21));
    case ScalarType.INT64:
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case ScalarType.UINT64:
      return fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 2n ** 36n }));
    default:
      throw new Error(`no values for ${field}`);
  }
}
