import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { bundle } from '../../scripts/bundle.mjs';

let program: string;
beforeAll(async () => {
  program = await bundle('bench');
});

function bench(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

it('--help, and no arguments at all, tell what can be measured', () => {
  for (const args of [['--help'], ['embedded', '--help'], []]) {
    expect(bench(...args)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(
        'Benches: throughput, latency, backlog, agents, recovery, workflows, embedded, decisions',
      ),
    });
  }
});

it.each([
  [['bogus'], 'no bench "bogus"; there are: throughput, latency, backlog'],
  [['embedded', 'latency'], 'one bench at a time, not embedded latency'],
  [['backlog', '--sizes', '10k'], '--sizes are whole numbers from 1 to 10000000 with commas, not "10k"'],
  [
    ['throughput', '--systems', 'reeve,sidekiq'],
    'no system "sidekiq"; there are: reeve, reeve-two, reeve-policies, reeve-limits, reeve-dev, bullmq',
  ],
  [['embedded', '--tasks', 'many'], '--tasks is a whole number from 1 to 10000000, not "many"'],
  [['embedded', '--tasks', '0'], '--tasks is a whole number'],
  [['embedded', '--batch', '5000'], '--batch is a whole number from 1 to 1000, not "5000"'],
  [['embedded', '--speed', '9'], "Unknown option '--speed'"],
  [['decisions', '--scenario', 'S99'], 'no scenario "S99"; there are: S1, S2, S3'],
  [['decisions', '--seeds', '1'], '--seeds is a whole number from 2 to 1000, not "1"'],
  [['decisions', '--seeds', '5', '--write'], '--write takes --seeds 10 or more, not 5'],
  [['decisions', '--tasks', '5'], "Unknown option '--tasks'"],
  [['decisions', 'S1'], 'decisions takes options only, not S1'],
])('%j is refused with what is wrong and how it goes', (args, message) => {
  const { status, stderr } = bench(...args);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).toContain('Usage: npm run bench');
});

it('decisions --help tells its scenarios and options', () => {
  const { status, stdout } = bench('decisions', '--help');
  expect(status).toBe(0);
  expect(stdout).toContain('S1   A steady mix');
  expect(stdout).toContain('--micro');
});

it('decisions are measured and written as JSON, with what is under way beside it', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'reeve-decisions-'));
  try {
    const file = path.join(folder, 'new', 'figures.json');
    const { status, stdout, stderr } = bench('decisions', '--scenario', 'S3', '--seeds', '2', '--json', file);
    expect(stderr).toContain('S3 1/8: Reeve, seed 1');
    expect(status).toBe(0);
    expect(stdout).toContain("| machines' part of the slots' time | **");
    expect(JSON.parse(readFileSync(file, 'utf8')).scenarios).toMatchObject([{ id: 'S3', seeds: 2 }]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
