import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/bench/main.js', import.meta.url));

function bench(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

it('--help, and no arguments at all, tell what can be measured', () => {
  for (const args of [['--help'], ['embedded', '--help'], []]) {
    expect(bench(...args)).toMatchObject({ status: 0, stdout: expect.stringContaining('Benches: embedded') });
  }
});

it.each([
  [['bogus'], 'no bench "bogus"; there are: embedded'],
  [['embedded', 'backlog'], 'one bench at a time, not embedded backlog'],
  [['embedded', '--tasks', 'many'], '--tasks is a whole number from 1 to 10000000, not "many"'],
  [['embedded', '--tasks', '0'], '--tasks is a whole number'],
  [['embedded', '--batch', '5000'], '--batch is a whole number from 1 to 1000, not "5000"'],
  [['embedded', '--speed', '9'], "Unknown option '--speed'"],
])('%j is refused with what is wrong and how it goes', (args, message) => {
  const { status, stderr } = bench(...args);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).toContain('Usage: npm run bench');
});
