import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, statfsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A file system of its own that can be full. */
export interface SmallDisk {
  readonly folder: string;
  /** From here on nothing more fits. */
  fill(): void;
  /** There is room again. */
  clear(): void;
  close(): void;
}

const MEBIBYTE = 1024 * 1024;

/**
 * Mounts a small tmpfs, which only root may; `null`: this process may not.
 *
 * @param mebibytes how much it takes at most, which is taken from memory as it fills
 */
export function mountSmallDisk(mebibytes: number): SmallDisk | null {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'reeve-small-disk-'));
  const mount = (...options: string[]) =>
    execFileSync('mount', ['-t', 'tmpfs', '-o', options.join(','), 'tmpfs', folder], { stdio: 'pipe' });
  try {
    mount(`size=${mebibytes}m`, 'mode=0755');
  } catch {
    rmdirSync(folder);
    return null;
  }
  let mounted = true;
  function close(): void {
    if (!mounted) return;
    mounted = false;
    process.off('exit', close);
    try {
      // Lazily: a server that is ending may still have its files open.
      execFileSync('umount', ['-l', folder], { stdio: 'pipe' });
      rmdirSync(folder);
    } catch (error) {
      process.stderr.write(`${folder} stays mounted: ${error}\n`);
    }
  }
  process.once('exit', close);
  return {
    folder,
    fill() {
      const { bsize, blocks, bfree } = statfsSync(folder);
      const used = Math.ceil(((blocks - bfree) * bsize) / MEBIBYTE);
      mount('remount', `size=${used}m`);
    },
    clear: () => void mount('remount', `size=${mebibytes}m`),
    close,
  };
}
