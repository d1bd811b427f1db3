import { spawnSync } from 'node:child_process';
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
        'Benches: throughput, latency, backlog, agents, recovery, workflows, embedded',
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
    'no system "sidekiq"; there are: reeve, reeve-two, reeve-policies, reeve-dev, bullmq',
  ],
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
