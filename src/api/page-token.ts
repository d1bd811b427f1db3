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
 * @returns the cursor; `null` for the first page
 * @throws INVALID_ARGUMENT on `page_token`
 */
export function cursorOf(question: readonly unknown[], pageToken: string): string | null {
  if (pageToken === '') return null;
  const text = Buffer.from(pageToken, 'base64url').toString();
  const digest = digestOf(question);
  if (!text.startsWith(digest) || text.length === digest.length) {
    const description = 'is not a token of an earlier answer to the same question';
    throw invalidArgument([{ field: 'page_token', description }], 'INVALID_PAGE_TOKEN');
  }
  return text.slice(digest.length);
}

function digestOf(question: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(question)).digest('hex').slice(0, 16);
}
