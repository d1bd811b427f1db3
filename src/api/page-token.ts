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
 * @param field where the token stood, for errors
 * @returns the cursor; `null` for the first page
 * @throws INVALID_ARGUMENT on `field`
 */
export function cursorOf(
  question: readonly unknown[],
  pageToken: string,
  field = 'page_token',
): string | null {
  if (pageToken === '') return null;
  const text = Buffer.from(pageToken, 'base64url').toString();
  const digest = digestOf(question);
  if (!text.startsWith(digest) || text.length === digest.length) {
    const description = 'is not a token of an earlier answer to the same question';
    throw invalidArgument([{ field, description }], `INVALID_${field.toUpperCase()}`);
  }
  return text.slice(digest.length);
}

function digestOf(question: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(question)).digest('hex').slice(0, 16);
}
