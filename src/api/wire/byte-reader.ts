import { NOT_PLAIN } from './plain-fields.js';

/** Strings up to this length are looked at byte by byte, which is quicker than a native call. */
const SHORT = 80;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads the bytes of a message, in order. What is odd in any way is refused (NOT_PLAIN). */
export class ByteReader {
  readonly #bytes: Buffer;
  /** Of the next byte. */
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** @returns from 0 to 2^49 - 1: longer ones are refused, negative ones among them */
  varint(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.at++];
    if (byte === undefined) throw NOT_PLAIN;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let factor = 0x80;
    for (let read = 1; read < 7; read++) {
      byte = bytes[this.at++];
      if (byte === undefined) throw NOT_PLAIN;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 0x80;
    }
    throw NOT_PLAIN;
  }

  /** The same of at most two bytes. */
  tag(): number {
    const first = this.#bytes[this.at++];
    if (first === undefined) throw NOT_PLAIN;
    if (first < 0x80) return first;
    const second = this.#bytes[this.at++];
    if (second === undefined || second > 0x7f) throw NOT_PLAIN;
    return (first & 0x7f) | (second << 7);
  }

  /** Where the part ends whose length comes next. @param end where what holds it ends */
  partEnd(end: number): number {
    const partEnd = this.varint() + this.at;
    if (partEnd > end) throw NOT_PLAIN;
    return partEnd;
  }

  double(end: number): number {
    const start = this.at;
    this.at += 8;
    if (this.at > end) throw NOT_PLAIN;
    return this.#bytes.readDoubleLE(start);
  }

  /** A view of them. */
  bytes(end: number): Uint8Array {
    const partEnd = this.partEnd(end);
    const start = this.at;
    this.at = partEnd;
    return this.#bytes.subarray(start, partEnd);
  }

  string(end: number): string {
    const partEnd = this.partEnd(end);
    const start = this.at;
    if (partEnd === start) return '';
    const bytes = this.#bytes;
    this.at = partEnd;
    for (let i = start; i < partEnd; i++) {
      if (i - start >= SHORT || (bytes[i] as number) > 0x7f)
        return utf8.decode(bytes.subarray(start, partEnd));
    }
    return bytes.toString('latin1', start, partEnd);
  }
}
