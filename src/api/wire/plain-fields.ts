import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { WireType } from '@bufbuild/protobuf/wire';

/** Thrown at what is left to the library. Made once: it is never shown. */
export const NOT_PLAIN = new Error('not plain');

/** FieldPresence.IMPLICIT: a field that is at its zero value is not there. */
export const IMPLICIT = 2;

const PLAIN: ReadonlySet<ScalarType> = new Set([
  ScalarType.STRING,
  ScalarType.BOOL,
  ScalarType.BYTES,
  ScalarType.INT32,
  ScalarType.UINT32,
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.DOUBLE,
]);

/** Messages hold them as plain values; only a google.protobuf.Value holds a Struct as what it is. */
const UNWRAPPED = /^google\.protobuf\.(Struct|(Bool|String|Bytes|Double|Float|U?Int32|U?Int64)Value)$/;

/**
 * Whether nothing about a field, and about the messages in it, needs the library: no groups, no
 * closed enums, no types that messages hold in another form than their own.
 */
export function isPlain(desc: DescMessage, seen: Set<DescMessage> = new Set()): boolean {
  if (seen.has(desc)) return true;
  seen.add(desc);
  return desc.file.edition === PROTO3 && desc.fields.every((field) => isPlainField(field, seen));
}

/** Edition.EDITION_PROTO3 */
const PROTO3 = 999;

function isPlainField(field: DescField, seen: Set<DescMessage>): boolean {
  // So that tags have two bytes at most.
  if (field.number > 1_000) return false;
  if (field.fieldKind === 'map' && field.mapKey !== ScalarType.STRING) return false;
  if ('delimitedEncoding' in field && field.delimitedEncoding) return false;
  if ('longAsString' in field && field.longAsString) return false;
  if (field.message) {
    const isUnwrapped = UNWRAPPED.test(field.message.typeName);
    if (isUnwrapped && field.parent.typeName !== 'google.protobuf.Value') return false;
    return isPlain(field.message, seen);
  }
  if (field.enum) return field.enum.open;
  return field.scalar !== undefined && PLAIN.has(field.scalar);
}

/** How a value of the field, or an entry of it, begins on the wire. */
export function tagOf(field: DescField): number {
  return field.number * 8 + wireTypeOf(field);
}

/** Of a singular value, or of one that is in no packed list. */
export function wireTypeOf({ message, scalar }: DescField): WireType {
  if (message || scalar === ScalarType.STRING || scalar === ScalarType.BYTES) return WireType.LengthDelimited;
  return scalar === ScalarType.DOUBLE ? WireType.Bit64 : WireType.Varint;
}
