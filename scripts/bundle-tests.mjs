// Bundles a program of the tests (test/simulation, test/chaos) with what it needs of them, to run
// it without the test runner. It runs what was built of `src`, as the tests do.
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
 * @param {'simulation' | 'chaos'} name
 * @returns {Promise<string>} the program
 */
export async function bundleTests(name) {
  const program = file(`dist/${name}/main.js`);
  const bundle = await rolldown({
    input: file(`test/${name}/main.ts`),
    platform: 'node',
    plugins: [runWhatShips],
    resolve: { extensionAlias: { '.js': ['.ts'] } },
    logLevel: 'warn',
  });
  await bundle.write({ file: program, format: 'esm', sourcemap: true });
  return program;
}
