import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../temporary-folder.js';

/** The wall clock of a process, which a test can set wrong. Its monotonic clock stays as it is. */
export interface FakeTime {
  /** What the process has to be started with. */
  readonly env: Readonly<Record<string, string>>;
  /** Sets it so many seconds ahead; behind, if negative. The process sees it at once. */
  set(offsetSeconds: number): void;
}

export function createFakeTime(): FakeTime {
  const library = ['/usr/lib', '/usr/lib64', '/usr/local/lib']
    .filter(existsSync)
    .flatMap((folder) => [folder, ...readdirSync(folder).map((name) => path.join(folder, name))])
    .map((folder) => path.join(folder, 'faketime', 'libfaketimeMT.so.1'))
    .find(existsSync);
  if (!library) throw new Error('there is no libfaketime here: scripts/install-test-servers gets it');
  // The server runs as another user, who has to read it.
  const file = path.join(temporaryFolder('clock'), 'offset');
  const set = (seconds: number) =>
    writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}\n`, { mode: 0o644 });
  set(0);
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    set,
  };
}
