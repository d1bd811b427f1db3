import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { FieldViolation } from '../domain/errors.js';
import { MAX_VALUE_DEPTH, TOO_DEEP } from './constraints/well-known-rules.js';

const VALUE = 'google.protobuf.Value';
const NOT_TEXT = 'is not UTF-8';
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Why bytes that do not decode are no such message, where it is one field's fault: a string that
 * is not UTF-8, or a value that nests too deep. Looks at the first such field.
 *
 * @returns by the names of the protos, such as `task.labels["env"]`, within a google.protobuf.Value
 *   that of the field which holds it; `undefined` if nothing of the kind is found
 */
export function faultOnWire(desc: DescMessage, bytes: Uint8Array): FieldViolation | undefined {
  try {
    return faultIn(desc, bytes, { path: '', levels: 0 });
  } catch {
    return undefined;
  }
}

interface Place {
  readonly path: string;
  /** Values of google.protobuf around it, one in the other. */
  readonly levels: number;
}

function faultIn(desc: DescMessage, bytes: Uint8Array, around: Place): FieldViolation | undefined {
  const levels = desc.typeName === VALUE ? around.levels + 1 : around.levels;
  if (levels > MAX_VALUE_DEPTH + 1) return { field: around.path, description: TOO_DEEP };
  const fields = new Map(desc.fields.map((field) => [field.number, field]));
  const counts = new Map<DescField, number>();
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    const field = fields.get(number);
    if (!field || type !== WireType.LengthDelimited) {
      reader.skip(type, number);
      continue;
    }
    const part = reader.bytes();
    const at = counts.get(field) ?? 0;
    counts.set(field, at + 1);
    const name = around.path === '' ? field.name : `${around.path}.${field.name}`;
    const path = field.fieldKind === 'list' ? `${name}[${at}]` : name;
    const place = { path: levels > 0 ? around.path : path, levels };
    const fault = field.fieldKind === 'map' ? faultInEntry(field, part, place) : faultOf(field, part, place);
    if (fault) return fault;
  }
  return undefined;
}

/** The same of a key and a value of a map, which are fields 1 and 2. */
function faultInEntry(field: DescField, entry: Uint8Array, place: Place): FieldViolation | undefined {
  const reader = new BinaryReader(entry);
  let key = '';
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (type !== WireType.LengthDelimited) {
      reader.skip(type, number);
      continue;
    }
    const part = reader.bytes();
    if (number === 1) {
      const text = textOf(part);
      if (text === undefined) return { field: place.path, description: `has a key that ${NOT_TEXT}` };
      key = `[${JSON.stringify(text)}]`;
    } else if (number === 2) {
      const fault = faultOf(field, part, place.levels > 0 ? place : { ...place, path: place.path + key });
      if (fault) return fault;
    }
  }
  return undefined;
}

/** Of one value: a string, or a message. */
function faultOf({ message, scalar }: DescField, part: Uint8Array, place: Place): FieldViolation | undefined {
  if (message) return faultIn(message, part, place);
  if (scalar !== ScalarType.STRING || textOf(part) !== undefined) return undefined;
  return { field: place.path, description: NOT_TEXT };
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
