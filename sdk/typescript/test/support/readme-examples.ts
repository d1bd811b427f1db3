import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const require = createRequire(import.meta.url);
const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');

export interface ReadmeExample {
  /** As the block is named, for example `client.ts`. */
  readonly name: string;
  readonly source: string;
  /** The `text` block after it: what it prints. */
  readonly prints: string | undefined;
}

/** The README's `ts` blocks, each with the `text` block that follows it. */
export function readmeExamples(): ReadmeExample[] {
  const readme = readFileSync(path.join(repository, 'sdk/typescript/README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^```(\w+) ?(\S*)\n(.*?)^```$/gms)].map(
    ([, language = '', name = '', body = '']) => ({ language, name, body }),
  );
  return blocks.flatMap(({ language, name, body }, i) => {
    const next = blocks[i + 1];
    return language === 'ts'
      ? [{ name, source: body, prints: next?.language === 'text' ? next.body : undefined }]
      : [];
  });
}

/** Checks the examples as a user's compiler would and leaves `name.js` for each in `folder`. */
export async function compileExamples(examples: readonly ReadmeExample[], folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  symlinkSync(path.join(repository, 'node_modules'), path.join(folder, 'node_modules'));
  cpSync(path.join(repository, 'tsconfig.base.json'), path.join(folder, 'tsconfig.base.json'));
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  const tsconfig = {
    extends: './tsconfig.base.json',
    compilerOptions: { composite: false, declaration: false },
    files: examples.map(({ name }) => name),
  };
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
  for (const { name, source } of examples) writeFileSync(path.join(folder, name), source);
  await promisify(execFile)(process.execPath, [tsc, '-p', folder]).catch((error) => {
    throw new Error(`the README's examples do not compile:\n${error.stdout}`);
  });
}
