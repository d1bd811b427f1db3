import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { ROOT } from './repository.js';

const GENERATED = 'sdk/typescript/src/gen';

function textsIn(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = files.map((entry) => path.join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((file) => [path.relative(folder, file), readFileSync(file, 'utf8')]));
}

it('the committed code of the protocol is what its proto files generate', () => {
  const out = temporaryFolder('generated');
  execFileSync(
    process.execPath,
    [path.join(ROOT, 'node_modules/@bufbuild/buf/bin/buf'), 'generate', '-o', out],
    {
      cwd: ROOT,
      // buf looks for its local plugins on the PATH.
      env: {
        ...process.env,
        PATH: path.join(ROOT, 'node_modules/.bin') + path.delimiter + process.env.PATH,
      },
    },
  );
  expect(textsIn(path.join(ROOT, GENERATED))).toEqual(textsIn(path.join(out, GENERATED)));
});
