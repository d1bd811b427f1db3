import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vitest/config';

const root = fileURLToPath(new URL('.', import.meta.url));

/** Tests import `src/…` and run `dist/…`: what is tested is what ships. */
const testWhatShips: Plugin = {
  name: 'test-what-ships',
  enforce: 'pre',
  async resolveId(source, importer) {
    if (!importer || !source.startsWith('.')) return null;
    const file = new URL(source, `file://${importer}`).pathname;
    for (const [from, to] of [
      ['src/', 'dist/'],
      ['examples/', 'dist/examples/'],
    ] as const) {
      if (file.startsWith(root + from)) return root + to + file.slice(root.length + from.length);
    }
    return null;
  },
};

export default defineConfig({
  plugins: [testWhatShips],
  test: {
    include: ['test/**/*.test.ts', 'sdk/typescript/test/**/*.test.ts'],
    // All of them for a machine that is busy with other tests: what is as it should be does not wait.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    maxWorkers: 2,
    pool: 'forks',
    allowOnly: false,
    retry: 0,
  },
});
