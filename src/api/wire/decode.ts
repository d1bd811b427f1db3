import { create, type DescField, type DescMessage, type MessageShape, ScalarType } from '@bufbuild/protobuf';
import { WireType } from '@bufbuild/protobuf/wire';
import { ByteReader } from './byte-reader.js';
import { isPlain, NOT_PLAIN, tagOf, wireTypeOf } from './plain-fields.js';

type Fields = Record<string, unknown>;
/** Reads one value. */
type Read = (from: ByteReader, end: number, depth: number) => unknown;
/** Reads one value into its field of a message. */
type ReadField = (message: Fields, from: ByteReader, end: number, depth: number) => void;

/** Deeper messages are left to the library. */
const MAX_DEPTH = 64;

const compiled = new Map<DescMessage, Read | null>();

/**
 * The message that `fromBinary` reads, in a quarter of the time: descriptors are turned into
 * closures once, instead of being looked into for each message.
 *
 * @returns `undefined` for bytes that are odd in any way: unknown fields, parts given twice, other wire
 *   types, negative integers, text that is no UTF-8, whatever is not such a message. The library
 *   can then say what they are.
 */
export function decodePlain<Desc extends DescMessage>(
  desc: Desc,
  bytes: Uint8Array,
): MessageShape<Desc> | undefined {
  let read = compiled.get(desc);
  if (read === undefined) {
    read = isPlain(desc) ? compile(desc) : null;
    compiled.set(desc, read);
  }
  if (!read) return undefined;
  try {
    return read(new ByteReader(bytes), bytes.length, 0) as MessageShape<Desc>;
  } catch {
    return undefined;
  }
}

function compile(desc: DescMessage): Read {
  const known = compiled.get(desc);
  if (known) return known;
  const Empty = makerOf(desc);
  const fields: (ReadField | undefined)[] = [];
  const read: Read = (from, end, depth) => {
    if (depth > MAX_DEPTH) throw NOT_PLAIN;
    const message = new Empty();
    while (from.at < end) {
      const readField = fields[from.tag()];
      if (!readField) throw NOT_PLAIN;
      readField(message, from, end, depth);
    }
    if (from.at !== end) throw NOT_PLAIN;
    return message;
  };
  // Messages may contain themselves.
  compiled.set(desc, read);
  for (const field of desc.fields) {
    const isPacked = field.fieldKind === 'list' && field.packed;
    fields[isPacked ? field.number * 8 + WireType.LengthDelimited : tagOf(field)] = compileField(field);
  }
  return read;
}

/**
 * Makes empty messages. Fields that are not set are there as `undefined`, other than in messages of
 * the library: to give objects further properties later costs more than all the rest of decoding.
 * So does copying an empty one by `{ ...empty }`, since messages of all types are made here.
 */
function makerOf(desc: DescMessage): new () => Fields {
  const zero = create(desc) as unknown as Fields;
  const names = ['$typeName', ...desc.members.map(({ localName }) => localName)];
  const values = names.map((name) => zero[name]);
  const namesOf = (kind: string) => desc.fields.filter((f) => f.fieldKind === kind).map((f) => f.localName);
  const [lists, maps] = [namesOf('list'), namesOf('map')];
  const oneofs = desc.oneofs.map((oneof) => oneof.localName);
  function Empty(this: Fields): void {
    for (let i = 0; i < names.length; i++) this[names[i] as string] = values[i];
    for (let i = 0; i < lists.length; i++) this[lists[i] as string] = [];
    for (let i = 0; i < maps.length; i++) this[maps[i] as string] = {};
    for (let i = 0; i < oneofs.length; i++) this[oneofs[i] as string] = { case: undefined };
  }
  Empty.prototype = Object.prototype;
  return Empty as unknown as new () => Fields;
}

function compileField(field: DescField): ReadField {
  const { localName } = field;
  const read = partOf(field);
  if (field.fieldKind === 'map') return compileEntry(localName, 16 + wireTypeOf(field), read);
  if (field.fieldKind === 'list') {
    if (!field.packed) {
      return (message, from, end, depth) => (message[localName] as unknown[]).push(read(from, end, depth));
    }
    return (message, from, end, depth) => {
      const list = message[localName] as unknown[];
      const partEnd = from.partEnd(end);
      while (from.at < partEnd) list.push(read(from, partEnd, depth));
      if (from.at !== partEnd) throw NOT_PLAIN;
    };
  }
  if (field.oneof) {
    const { localName: group } = field.oneof;
    return (message, from, end, depth) => {
      // One that comes twice may have to be merged.
      if ((message[group] as { case?: string }).case !== undefined) throw NOT_PLAIN;
      message[group] = { case: localName, value: read(from, end, depth) };
    };
  }
  if (!field.message) {
    return (message, from, end, depth) => {
      message[localName] = read(from, end, depth);
    };
  }
  return (message, from, end, depth) => {
    if (message[localName] !== undefined) throw NOT_PLAIN;
    message[localName] = read(from, end, depth);
  };
}

/** An entry of a map: its key, then its value, as all libraries write them. */
function compileEntry(localName: string, valueTag: number, read: Read): ReadField {
  const keyTag = 8 + WireType.LengthDelimited;
  return (message, from, end, depth) => {
    const entryEnd = from.partEnd(end);
    if (from.tag() !== keyTag) throw NOT_PLAIN;
    const key = from.string(entryEnd);
    // An object does not take this one for a key.
    if (key === '__proto__' || from.tag() !== valueTag) throw NOT_PLAIN;
    (message[localName] as Fields)[key] = read(from, entryEnd, depth);
    if (from.at !== entryEnd) throw NOT_PLAIN;
  };
}

function partOf(field: DescField): Read {
  if (!field.message) return field.enum ? int32 : scalarOf(field.scalar);
  const read = compile(field.message);
  return (from, end, depth) => read(from, from.partEnd(end), depth + 1);
}

function scalarOf(type: ScalarType | undefined): Read {
  switch (type) {
    case ScalarType.STRING:
      return (from, end) => from.string(end);
    case ScalarType.BYTES:
      return (from, end) => from.bytes(end);
    case ScalarType.BOOL:
      return (from) => from.varint() !== 0;
    case ScalarType.DOUBLE:
      return (from, end) => from.double(end);
    case ScalarType.INT32:
      return int32;
    case ScalarType.UINT32:
      return (from) => upTo(0xffffffff, from.varint());
    default:
      return (from) => BigInt(from.varint());
  }
}

const int32: Read = (from) => upTo(0x7fffffff, from.varint());

function upTo(max: number, value: number): number {
  if (value > max) throw NOT_PLAIN;
  return value;
}
