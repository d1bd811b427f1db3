/** What is read here is not what is expected: the library decides what becomes of it. */
export class UnusualBytes extends Error {}

/** A field that this version does not know, as the library keeps it. */
interface UnknownField {
  readonly no: number;
  readonly wireType: number;
  readonly data: Uint8Array;
}

const REPLACEMENT = '\ufffd';

/**
 * Reads the parts of protobuf messages off bytes. Throws {@link UnusualBytes} for what senders
 * don't write as a rule: text that isn't UTF-8, groups, a known field in another form.
 */
export class WireReader {
  pos = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** Where the message ends whose length is read now. */
  end(): number {
    const end = this.uint32() + this.pos;
    if (end > this.#bytes.length) throw new UnusualBytes();
    return end;
  }

  /** The same of a message that is not merged with an earlier part of it. */
  endOnce(earlier: unknown): number {
    if (earlier !== undefined) throw new UnusualBytes();
    return this.end();
  }

  /** A message has been read; its last field may have been longer. */
  ended(end: number): void {
    if (this.pos !== end) throw new UnusualBytes();
  }

  uint32(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.pos++] ?? 255;
    if (byte < 128) return byte;
    let value = byte & 127;
    for (let shift = 7; shift < 35; shift += 7) {
      byte = bytes[this.pos++] ?? 255;
      value |= (byte & 127) << shift;
      if (shift === 28 && byte > 15) break;
      if (byte < 128) return value >>> 0;
    }
    throw new UnusualBytes();
  }

  /** Negative ones have ten bytes. */
  int32(): number {
    return Number(BigInt.asIntN(32, this.#varint()));
  }

  /** Enums are open: any number will do. */
  enum(): number {
    const byte = this.#bytes[this.pos] ?? 255;
    if (byte >= 128) return this.int32();
    this.pos++;
    return byte;
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.#varint());
  }

  uint64(): bigint {
    return BigInt.asUintN(64, this.#varint());
  }

  bool(): boolean {
    const byte = this.#bytes[this.pos++] ?? 255;
    if (byte > 1) throw new UnusualBytes();
    return byte === 1;
  }

  double(): number {
    const at = this.pos;
    this.pos += 8;
    if (this.pos > this.#bytes.length) throw new UnusualBytes();
    return this.#bytes.readDoubleLE(at);
  }

  string(): string {
    const end = this.end();
    const text = this.#bytes.toString('utf8', this.pos, end);
    this.pos = end;
    if (text.includes(REPLACEMENT)) throw new UnusualBytes();
    return text;
  }

  /** A view of what is read, not a copy. */
  bytes(): Uint8Array {
    const end = this.end();
    const bytes = this.#bytes.subarray(this.pos, end);
    this.pos = end;
    return bytes;
  }

  unexpected(): never {
    throw new UnusualBytes();
  }

  /** A field whose tag no case has matched; `known` is the highest number that one has. */
  unknown(tag: number, known: number, message: { $unknown?: UnknownField[] | undefined }): void {
    const no = tag >>> 3;
    const wireType = tag & 7;
    if (no <= known) throw new UnusualBytes();
    const from = this.pos;
    if (wireType === 0) this.#varint();
    else if (wireType === 1) this.pos += 8;
    else if (wireType === 2) this.pos = this.end();
    else if (wireType === 5) this.pos += 4;
    else throw new UnusualBytes();
    if (this.pos > this.#bytes.length) throw new UnusualBytes();
    message.$unknown ??= [];
    message.$unknown.push({ no, wireType, data: this.#bytes.subarray(from, this.pos) });
  }

  #varint(): bigint {
    let value = 0;
    let scale = 1;
    for (let n = 0; n < 7; n++) {
      const byte = this.#bytes[this.pos++] ?? 255;
      value += (byte & 127) * scale;
      if (byte < 128) return BigInt(value);
      scale *= 128;
    }
    let high = 0n;
    for (let shift = 0n; shift < 21n; shift += 7n) {
      const byte = this.#bytes[this.pos++] ?? 255;
      high |= BigInt(byte & 127) << shift;
      if (byte < 128) return (high << 49n) | BigInt(value);
    }
    throw new UnusualBytes();
  }
}
