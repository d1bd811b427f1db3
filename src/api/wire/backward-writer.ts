/** What a writer holds on to between messages, in bytes. */
const KEPT = 256 * 1024;
/** Strings up to this length are looked at letter by letter, which is quicker than a native call. */
const SHORT = 80;
const TWO_TO_32 = 2 ** 32;

/**
 * Writes bytes from the last to the first, so that the length of a part is known when it has to
 * be written before it: nothing is measured ahead, and nothing is put together from pieces.
 */
export class BackwardWriter {
  #bytes = Buffer.allocUnsafeSlow(KEPT);
  /** Where the first written byte is. */
  #at = KEPT;

  /** How many bytes were written. */
  get length(): number {
    return this.#bytes.length - this.#at;
  }

  /** Forgets what was written. */
  clear(): void {
    if (this.#bytes.length > KEPT) this.#bytes = Buffer.allocUnsafeSlow(KEPT);
    this.#at = this.#bytes.length;
  }

  /** A copy of what was written. */
  copy(): Buffer {
    const copy = Buffer.allocUnsafe(this.length);
    this.#bytes.copy(copy, 0, this.#at);
    return copy;
  }

  /** @param value an integer from 0 to 2^53 - 1 */
  varint(value: number): void {
    if (this.#at < 10) this.#grow(10);
    const bytes = this.#bytes;
    if (value < 0x80) {
      bytes[--this.#at] = value;
      return;
    }
    let size = 1;
    for (let rest = value; rest >= 0x80; rest /= 0x80) size++;
    this.#at -= size;
    let at = this.#at;
    let rest = value;
    for (; rest >= TWO_TO_32; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) | 0x80;
    for (; rest >= 0x80; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
    bytes[at] = rest;
  }

  double(value: number): void {
    if (this.#at < 8) this.#grow(8);
    this.#at -= 8;
    this.#bytes.writeDoubleLE(value, this.#at);
  }

  raw(data: Uint8Array): void {
    if (this.#at < data.length) this.#grow(data.length);
    this.#at -= data.length;
    this.#bytes.set(data, this.#at);
  }

  /** The text in UTF-8, after its length. */
  string(text: string): void {
    if (!this.#shortAscii(text)) {
      const size = Buffer.byteLength(text);
      if (this.#at < size) this.#grow(size);
      this.#at -= size;
      this.#bytes.write(text, this.#at, size, 'utf8');
      this.varint(size);
    }
  }

  #shortAscii(text: string): boolean {
    const { length } = text;
    if (length > SHORT) return false;
    if (this.#at < SHORT) this.#grow(SHORT);
    const bytes = this.#bytes;
    const start = this.#at - length;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      bytes[start + i] = code;
    }
    this.#at = start;
    this.varint(length);
    return true;
  }

  #grow(more: number): void {
    const { length } = this;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, length + more));
    this.#bytes.copy(larger, larger.length - length, this.#at);
    this.#bytes = larger;
    this.#at = larger.length - length;
  }
}
