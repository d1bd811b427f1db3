import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Debian's names of this machine's libraries. */
const TRIPLETS: Readonly<Record<string, string>> = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' };

/** The wall clock of a process, which a test can set wrong. Its monotonic clock stays as it is. */
export interface FakeTime {
  /** What the process has to be started with. */
  readonly env: Readonly<Record<string, string>>;
  /** Sets it so many seconds ahead; behind, if negative. The process sees it within a second. */
  set(offsetSeconds: number): void;
}

/** @returns `null`: there is no libfaketime on this machine */
export function createFakeTime(folder: string, name: string): FakeTime | null {
  const library = libraryFile();
  if (!library) return null;
  const file = path.join(folder, `${name}.clock`);
  const set = (seconds: number) => writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}\n`);
  set(0);
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    set,
  };
}

function libraryFile(): string | undefined {
  const folders = ['/usr/lib', '/usr/lib64', '/usr/local/lib', `/usr/lib/${TRIPLETS[process.arch] ?? ''}`];
  return folders.map((folder) => path.join(folder, 'faketime', 'libfaketimeMT.so.1')).find(existsSync);
}
