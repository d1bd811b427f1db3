import type { Readable } from 'node:stream';

/** All of a stream, as text. */
export async function readAll(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * Ids as they were given, where `-` stands for those on standard input, separated by
 * blanks or lines. Each once, in the order of their first mention.
 */
export async function idsFrom(args: readonly string[], stdin: Readable): Promise<string[]> {
  const ids = new Set<string>();
  for (const arg of args) {
    if (arg !== '-') ids.add(arg);
    else for (const id of (await readAll(stdin)).split(/\s+/)) if (id) ids.add(id);
  }
  return [...ids];
}
