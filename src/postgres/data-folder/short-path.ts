import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** The system's limit for the path of a socket is 108 bytes on Linux, 104 on macOS. */
const MAX_BYTES = 100;

/**
 * Calls `use` with a path by which a socket file can be reached: its own or, where that is
 * too long for the system, one through a link that lives as long as the call.
 */
export async function withShortPath<T>(path: string, use: (path: string) => Promise<T>): Promise<T> {
  if (Buffer.byteLength(path) <= MAX_BYTES) return use(path);
  const folder = await mkdtemp(join(tmpdir(), 'reeve-'));
  try {
    const link = join(folder, 'd');
    await symlink(dirname(path), link);
    return await use(join(link, basename(path)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
