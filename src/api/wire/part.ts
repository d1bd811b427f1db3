import type { DescField } from '@bufbuild/protobuf';
import { WireType } from '@bufbuild/protobuf/wire';
import { BackwardWriter } from './backward-writer.js';

const out = new BackwardWriter();

/** The bytes of a message as a field of another: a message is the same as its fields, one after the other. */
export function partOf({ number }: DescField, bytes: Uint8Array): Buffer {
  out.clear();
  out.raw(bytes);
  out.varint(bytes.length);
  out.varint(number * 8 + WireType.LengthDelimited);
  return out.copy();
}
