import type { JsonValue } from '../../domain/json.js';
import { BackwardWriter } from './backward-writer.js';

/** Tags of google.protobuf.Value, of Struct, its entries and ListValue. */
const NULL = 8;
const NUMBER = 17;
const STRING = 26;
const BOOL = 32;
const STRUCT = 42;
const LIST = 50;
const FIELDS = 10;
const KEY = 10;
const VALUE = 18;
const VALUES = 10;

const out = new BackwardWriter();

/** JSON as the bytes of a google.protobuf.Value, without the messages that the library would make of it. */
export function encodeJson(value: JsonValue): Buffer {
  out.clear();
  write(value);
  return out.copy();
}

function write(value: JsonValue): void {
  switch (typeof value) {
    case 'string':
      out.string(value);
      out.varint(STRING);
      return;
    case 'number':
      out.double(value);
      out.varint(NUMBER);
      return;
    case 'boolean':
      out.varint(value ? 1 : 0);
      out.varint(BOOL);
      return;
  }
  if (value === null) {
    out.varint(0);
    out.varint(NULL);
    return;
  }
  const before = out.length;
  if (Array.isArray(value)) {
    for (let i = value.length - 1; i >= 0; i--) delimited(VALUES, value[i] as JsonValue);
    out.varint(out.length - before);
    out.varint(LIST);
    return;
  }
  const entries = Object.entries(value);
  for (let i = entries.length - 1; i >= 0; i--) {
    const [key, each] = entries[i] as [string, JsonValue];
    const end = out.length;
    delimited(VALUE, each);
    out.string(key);
    out.varint(KEY);
    out.varint(out.length - end);
    out.varint(FIELDS);
  }
  out.varint(out.length - before);
  out.varint(STRUCT);
}

function delimited(tag: number, value: JsonValue): void {
  const before = out.length;
  write(value);
  out.varint(out.length - before);
  out.varint(tag);
}
