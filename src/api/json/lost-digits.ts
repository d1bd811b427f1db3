import type { JsonValue } from '@bufbuild/protobuf';

/** A number that a double may not hold has so many digits at least. */
const SUSPICIOUS = /\d{16}/;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** NUL, which no string of a request may hold, marks a string as a number that was written. */
const MARK = '\0';
const MARKED = /^\0-?\d+$/;

/**
 * The value of a JSON text. A whole number whose digits a double does not keep is in it as a
 * string that `lostDigitsOf` knows; every other number is the number.
 *
 * @throws SyntaxError
 */
export function parseKeepingDigits(text: string): JsonValue {
  const value = JSON.parse(text) as JsonValue;
  if (!SUSPICIOUS.test(text)) return value;
  const marked = markedText(text);
  return marked === text ? value : (JSON.parse(marked) as JsonValue);
}

/** The digits that were written, if `value` stands for a number that would lose them. */
export function lostDigitsOf(value: JsonValue): string | undefined {
  return typeof value === 'string' && value.startsWith(MARK) && MARKED.test(value)
    ? value.slice(1)
    : undefined;
}

/** @param text sound JSON */
function markedText(text: string): string {
  let out = '';
  let copied = 0;
  for (let at = 0; at < text.length; ) {
    const char = text.charAt(at);
    if (char === '"') {
      at = afterString(text, at);
    } else if (char === '-' || (char >= '0' && char <= '9')) {
      NUMBER.lastIndex = at;
      const written = NUMBER.exec(text)?.[0] ?? char;
      if (losesDigits(written)) {
        out += `${text.slice(copied, at)}${JSON.stringify(MARK + written)}`;
        copied = at + written.length;
      }
      at += written.length;
    } else {
      at += 1;
    }
  }
  return out + text.slice(copied);
}

function afterString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1;
  return at + 1;
}

/** Whether a whole number comes out in other digits than it went in, and as another number. */
function losesDigits(written: string): boolean {
  if (!/^-?\d{16,}$/.test(written)) return false;
  const number = Number(written);
  if (!Number.isFinite(number) || String(number) === written) return false;
  return BigInt(written) !== BigInt(number);
}
