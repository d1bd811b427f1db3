import { plain } from './plain.js';
import { safeQuoted } from './safe-text.js';

/** On several lines, for reading. */
export function json(value: unknown): string {
  return safeQuoted(JSON.stringify(plain(value), null, 2));
}

/** On one line. */
export function jsonLine(value: unknown): string {
  return safeQuoted(JSON.stringify(plain(value)));
}
