import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const folders = new Set<string>();

process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** Makes an empty folder that is removed when this test process ends. */
export function temporaryFolder(purpose = 'test'): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), `reeve-${purpose}-`));
  folders.add(folder);
  return folder;
}
