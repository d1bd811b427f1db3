// Bundles programs that use what tests use (test/simulation, test/chaos, bench), to run them
// without the test runner. They run what was built of `src`, as the tests do.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = (name) => path.join(root, name);

/** `src/…` is what was built of it, and packages stay where they are. */
const runWhatShips = {
  name: 'run-what-ships',
  resolveId(source, importer) {
    if (!importer) return null;
    if (!source.startsWith('.')) return { id: source, external: true };
    const target = path.resolve(path.dirname(importer), source);
    if (!target.startsWith(file('src/'))) return null;
    return { id: file(`dist/${target.slice(file('src/').length)}`), external: true };
  },
};

/**
 * @param {'test/simulation' | 'test/chaos' | 'bench'} folder with a `main.ts`, and maybe `programs/`
 *   that it starts
 * @returns {Promise<string>} the program, in `dist/` in a folder of the same name, its programs beside it
 */
export async function bundle(folder) {
  const dir = file(`dist/${path.basename(folder)}`);
  const others = readdirSync(file(folder), { recursive: true })
    .map(String)
    .filter((name) => /^programs\/[^/]+\.ts$/.test(name));
  const input = Object.fromEntries(
    ['main.ts', ...others].map((name) => [path.basename(name, '.ts'), file(`${folder}/${name}`)]),
  );
  const bundled = await rolldown({
    input,
    platform: 'node',
    plugins: [runWhatShips],
    resolve: { extensionAlias: { '.js': ['.ts'] } },
    // Else they are relative to the source, which is not as deep as the bundle everywhere.
    makeAbsoluteExternalsRelative: false,
    logLevel: 'warn',
  });
  await bundled.write({ dir, format: 'esm', sourcemap: true });
  return path.join(dir, 'main.js');
}
