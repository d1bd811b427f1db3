import { createHash } from 'node:crypto';
import { invalidArgument } from '../domain/errors.js';

/**
 * Where a list goes on, tied to the question it answers: a token of another question, or of
 * another organisation, is refused instead of giving a page that fits neither.
 *
 * @param question everything but page size and token, in a fixed order
 */
export function pageTokenOf(question: readonly unknown[], cursor: string): string {
  return Buffer.from(`${digestOf(question)}${cursor}`).toString('base64url');
}

/**
 * What a cursor may look like. Anyone can make tokens, and what is in one is given to the record: an id, a number from 1,
 * or a text as the record keeps it.
 */
export const CURSORS = {
  ID: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  NUMBER: /^[1-9]\d{0,8}$/,
  TEXT: /^\P{Cc}{1,2000}$/u,
  /** A time in ms, and an id. */
  TIME_AND_ID: /^\d{1,15} [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
} as const;

/**
 * @param form of the cursors that its answers give
 * @param field where the token stood, for errors
 * @returns the cursor; `null` for the first page
 * @throws INVALID_ARGUMENT on `field`
 */
export function cursorOf(
  question: readonly unknown[],
  pageToken: string,
  form: RegExp,
  field = 'page_token',
): string | null {
  if (pageToken === '') return null;
  const text = Buffer.from(pageToken, 'base64url').toString();
  const digest = digestOf(question);
  const cursor = text.slice(digest.length);
  if (text.startsWith(digest) && form.test(cursor)) return cursor;
  const description = 'is not a token of an earlier answer to the same question';
  throw invalidArgument([{ field, description }], `INVALID_${field.toUpperCase()}`);
}

function digestOf(question: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(question)).digest('hex').slice(0, 16);
}
