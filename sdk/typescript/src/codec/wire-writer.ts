/** What is to be written is not what its field holds: the library says so, by the field's name. */
export class UnusualValue extends Error {}

/** Texts up to that length are written faster here than by a call out of JavaScript. */
const SHORT_TEXT = 64;
/** What is kept for the next message. */
const KEPT_BYTES = 1_048_576;

/**
 * Writes messages from their last field to the first: then a length is known when it is to be
 * written, before what it is the length of. Each method writes a field with its tag. Throws
 * {@link UnusualValue} for a value that its field can't hold.
 */
export class WireWriter {
  #bytes = Buffer.allocUnsafeSlow(65_536);
  /** Where what is written begins. */
  #at = this.#bytes.length;

  /** How much is written. */
  get length(): number {
    return this.#bytes.length - this.#at;
  }

  start(): void {
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(65_536);
    this.#at = this.#bytes.length;
  }

  /** A copy of what is written. */
  finish(): Buffer {
    const copy = Buffer.allocUnsafe(this.length);
    this.#bytes.copy(copy, 0, this.#at);
    return copy;
  }

  /** What was written since the length was `before` is the content of a field. */
  delimit(tag: number, before: number): void {
    this.#prefix(tag, this.length - before);
  }

  uint32(tag: number, value: number): void {
    if (typeof value !== 'number' || value >>> 0 !== value) throw new UnusualValue();
    this.#prefix(tag, value);
  }

  int32(tag: number, value: number): void {
    if (typeof value !== 'number' || (value | 0) !== value) throw new UnusualValue();
    if (value < 0) this.int64(tag, BigInt(value));
    else this.#prefix(tag, value);
  }

  int64(tag: number, value: bigint): void {
    if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) throw new UnusualValue();
    this.#varint(tag, value);
  }

  uint64(tag: number, value: bigint): void {
    if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value) throw new UnusualValue();
    this.#varint(tag, value);
  }

  bool(tag: number, value: boolean): void {
    if (typeof value !== 'boolean') throw new UnusualValue();
    this.#prefix(tag, value ? 1 : 0);
  }

  double(tag: number, value: number): void {
    if (typeof value !== 'number') throw new UnusualValue();
    this.#reserve(18);
    this.#at -= 8;
    this.#bytes.writeDoubleLE(value, this.#at);
    this.#small(tag);
  }

  string(tag: number, value: string): void {
    if (typeof value !== 'string') throw new UnusualValue();
    const length = this.#shortAscii(value) ? value.length : this.#text(value);
    this.#prefix(tag, length);
  }

  bytes(tag: number, value: Uint8Array): void {
    if (!(value instanceof Uint8Array)) throw new UnusualValue();
    this.#raw(value);
    this.#prefix(tag, value.length);
  }

  unknown(fields: readonly { readonly no: number; readonly wireType: number; readonly data: Uint8Array }[]) {
    for (const { no, wireType, data } of fields.toReversed()) {
      this.#raw(data);
      this.#reserve(5);
      this.#small(((no << 3) | wireType) >>> 0);
    }
  }

  #shortAscii(text: string): boolean {
    const { length } = text;
    if (length > SHORT_TEXT) return false;
    this.#reserve(SHORT_TEXT);
    const bytes = this.#bytes;
    const from = this.#at - length;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 127) return false;
      bytes[from + i] = unit;
    }
    this.#at = from;
    return true;
  }

  #text(text: string): number {
    const length = Buffer.byteLength(text);
    this.#reserve(length);
    this.#at -= length;
    this.#bytes.write(text, this.#at);
    return length;
  }

  #raw(data: Uint8Array): void {
    this.#reserve(data.length);
    this.#at -= data.length;
    this.#bytes.set(data, this.#at);
  }

  #varint(tag: number, value: bigint): void {
    if (value >= 0n && value <= 0xffffffffn) {
      this.#prefix(tag, Number(value));
      return;
    }
    this.#reserve(15);
    const groups: number[] = [];
    for (let rest = BigInt.asUintN(64, value); rest > 0n; rest >>= 7n) groups.push(Number(rest & 127n));
    for (const [i, group] of groups.reverse().entries()) {
      this.#bytes[--this.#at] = i === 0 ? group : group | 128;
    }
    this.#small(tag);
  }

  /** A tag and a number of at most 32 bits. */
  #prefix(tag: number, value: number): void {
    this.#reserve(10);
    this.#small(value);
    this.#small(tag);
  }

  /** Room is there. */
  #small(value: number): void {
    if (value < 128) {
      this.#bytes[--this.#at] = value;
      return;
    }
    const size = value < 16_384 ? 2 : value < 2_097_152 ? 3 : value < 268_435_456 ? 4 : 5;
    this.#at -= size;
    let rest = value;
    for (let i = this.#at; rest > 127; i++) {
      this.#bytes[i] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.#at + size - 1] = rest;
  }

  #reserve(size: number): void {
    if (this.#at >= size) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.length + size));
    const at = grown.length - this.length;
    this.#bytes.copy(grown, at, this.#at);
    this.#bytes = grown;
    this.#at = at;
  }
}
