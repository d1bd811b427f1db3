import {
  type DescField,
  type DescMessage,
  type MessageShape,
  ScalarType,
  toBinary,
} from '@bufbuild/protobuf';
import { WireType } from '@bufbuild/protobuf/wire';
import { BackwardWriter } from './backward-writer.js';
import { IMPLICIT, isPlain, NOT_PLAIN, tagOf, wireTypeOf } from './plain-fields.js';

type Fields = Readonly<Record<string, unknown>>;
type Write = (out: BackwardWriter, value: unknown) => void;

const compiled = new Map<DescMessage, Write | null>();
const out = new BackwardWriter();

/**
 * What `toBinary` writes, byte for byte, in a tenth of the time: descriptors are turned into
 * closures once, instead of being looked into for each message. What that cannot write (negative
 * integers, values of wrong types) the library writes, or refuses.
 */
export function encode<Desc extends DescMessage>(desc: Desc, message: MessageShape<Desc>): Buffer {
  let write = compiled.get(desc);
  if (write === undefined) {
    write = isPlain(desc) ? compile(desc) : null;
    compiled.set(desc, write);
  }
  if (write) {
    try {
      out.clear();
      write(out, message);
      return out.copy();
    } catch {
      // The library says what is wrong, if anything is.
    }
  }
  const { buffer, byteOffset, byteLength } = toBinary(desc, message);
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Fields by falling number, since all is written backwards. */
function compile(desc: DescMessage): Write {
  const known = compiled.get(desc);
  if (known) return known;
  const fields: Write[] = [];
  const write: Write = (out, message) => {
    const unknown = (message as MessageShape<DescMessage>).$unknown;
    if (unknown) {
      for (let i = unknown.length - 1; i >= 0; i--) {
        const { no, wireType, data } = unknown[i] as (typeof unknown)[number];
        out.raw(data);
        out.varint(no * 8 + wireType);
      }
    }
    for (let i = 0; i < fields.length; i++) (fields[i] as Write)(out, message);
  };
  // Messages may contain themselves.
  compiled.set(desc, write);
  for (const field of [...desc.fields].sort((a, b) => b.number - a.number)) fields.push(compileField(field));
  return write;
}

/** Writes a field of the message that it is given. */
function compileField(field: DescField): Write {
  const { localName } = field;
  if (field.fieldKind === 'list') return compileList(field);
  if (field.fieldKind === 'map') return compileMap(field);
  const write = partOf(field);
  const tag = tagOf(field);
  if (field.oneof) {
    const { localName: group } = field.oneof;
    return (out, message) => {
      const member = (message as Fields)[group] as { case?: string; value?: unknown };
      if (member.case !== localName) return;
      write(out, member.value);
      out.varint(tag);
    };
  }
  const isSet = field.presence === IMPLICIT ? isNotZero(field.scalar) : isThere;
  return (out, message) => {
    const value = (message as Fields)[localName];
    if (!isSet(value)) return;
    write(out, value);
    out.varint(tag);
  };
}

function isThere(value: unknown): boolean {
  return value !== undefined;
}

function isNotZero(type: ScalarType | undefined): (value: unknown) => boolean {
  switch (type) {
    case ScalarType.STRING:
      return (value) => value !== '';
    case ScalarType.BYTES:
      return (value) => (value as Uint8Array).length > 0;
    case ScalarType.BOOL:
      return (value) => value !== false;
    case ScalarType.DOUBLE:
      return (value) => !Object.is(value, 0);
    case ScalarType.INT64:
    case ScalarType.UINT64:
      return (value) => value !== 0n;
    default:
      return (value) => value !== 0;
  }
}

function compileList(field: DescField & { fieldKind: 'list' }): Write {
  const { localName, number, packed } = field;
  const write = partOf(field);
  const tag = packed ? number * 8 + WireType.LengthDelimited : tagOf(field);
  return (out, message) => {
    const list = (message as Fields)[localName] as readonly unknown[];
    if (list.length === 0) return;
    const before = out.length;
    for (let i = list.length - 1; i >= 0; i--) {
      write(out, list[i]);
      if (!packed) out.varint(tag);
    }
    if (!packed) return;
    out.varint(out.length - before);
    out.varint(tag);
  };
}

function compileMap(field: DescField & { fieldKind: 'map' }): Write {
  const { localName, number } = field;
  const write = partOf(field);
  const tag = number * 8 + WireType.LengthDelimited;
  const keyTag = 8 + WireType.LengthDelimited;
  const valueTag = 16 + wireTypeOf(field);
  return (out, message) => {
    const map = (message as Fields)[localName] as Fields;
    const keys = Object.keys(map);
    for (let i = keys.length - 1; i >= 0; i--) {
      const key = keys[i] as string;
      const before = out.length;
      write(out, map[key]);
      out.varint(valueTag);
      out.string(key);
      out.varint(keyTag);
      out.varint(out.length - before);
      out.varint(tag);
    }
  };
}

/** Writes a value of the field, or an entry of it, without its tag. */
function partOf(field: DescField): Write {
  if (!field.message) return field.enum ? int32 : scalarOf(field.scalar);
  const write = compile(field.message);
  return (out, message) => {
    const before = out.length;
    write(out, message);
    out.varint(out.length - before);
  };
}

function scalarOf(type: ScalarType | undefined): Write {
  switch (type) {
    case ScalarType.STRING:
      return (out, value) => {
        if (typeof value !== 'string') throw NOT_PLAIN;
        out.string(value);
      };
    case ScalarType.BYTES:
      return (out, value) => {
        if (!(value instanceof Uint8Array)) throw NOT_PLAIN;
        out.raw(value);
        out.varint(value.length);
      };
    case ScalarType.BOOL:
      return (out, value) => out.varint(value ? 1 : 0);
    case ScalarType.DOUBLE:
      return (out, value) => {
        if (typeof value !== 'number') throw NOT_PLAIN;
        out.double(value);
      };
    case ScalarType.INT32:
      return int32;
    case ScalarType.UINT32:
      return (out, value) => integer(out, value, 0xffffffff);
    default:
      return (out, value) => {
        if (typeof value !== 'bigint') throw NOT_PLAIN;
        integer(out, Number(value), Number.MAX_SAFE_INTEGER);
      };
  }
}

const int32: Write = (out, value) => integer(out, value, 0x7fffffff);

function integer(out: BackwardWriter, value: unknown, max: number): void {
  if (typeof value !== 'number' || !(value >= 0 && value <= max && Number.isInteger(value))) throw NOT_PLAIN;
  out.varint(value);
}
