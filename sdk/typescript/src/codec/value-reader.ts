import type { ListValue, NullValue, Struct, Value } from '@bufbuild/protobuf/wkt';
import { UnusualBytes, type WireReader } from './wire-reader.js';

/** Deeper ones are left to the library, which bounds them. */
const MAX_DEPTH = 32;

/** Reads a `google.protobuf.Value` as the library does, if it is as all libraries write it: each of its parts once. */
export function readValue(r: WireReader, end: number, depth = 0): Value {
  if (depth > MAX_DEPTH) throw new UnusualBytes();
  const kind = readKind(r, end, depth);
  r.ended(end);
  return { $typeName: 'google.protobuf.Value', kind };
}

function readKind(r: WireReader, end: number, depth: number): Value['kind'] {
  if (r.pos === end) return { case: undefined };
  switch (r.uint32()) {
    case 8:
      return { case: 'nullValue', value: r.enum() as NullValue };
    case 17:
      return { case: 'numberValue', value: r.double() };
    case 26:
      return { case: 'stringValue', value: r.string() };
    case 32:
      return { case: 'boolValue', value: r.bool() };
    case 42:
      return { case: 'structValue', value: readStruct(r, r.end(), depth) };
    case 50:
      return { case: 'listValue', value: readList(r, r.end(), depth) };
    default:
      return r.unexpected();
  }
}

function readStruct(r: WireReader, end: number, depth: number): Struct {
  const fields: Record<string, Value> = {};
  while (r.pos < end) {
    if (r.uint32() !== 10) r.unexpected();
    const entryEnd = r.end();
    if (r.uint32() !== 10) r.unexpected();
    const key = r.string();
    // An object would take it for its prototype.
    if (key === '__proto__') r.unexpected();
    if (r.uint32() !== 18) r.unexpected();
    fields[key] = readValue(r, r.end(), depth + 1);
    r.ended(entryEnd);
  }
  r.ended(end);
  return { $typeName: 'google.protobuf.Struct', fields };
}

function readList(r: WireReader, end: number, depth: number): ListValue {
  const values: Value[] = [];
  while (r.pos < end) {
    if (r.uint32() !== 10) r.unexpected();
    values.push(readValue(r, r.end(), depth + 1));
  }
  r.ended(end);
  return { $typeName: 'google.protobuf.ListValue', values };
}
