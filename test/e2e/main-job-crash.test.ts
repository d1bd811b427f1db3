import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { isAlive, MAIN, MainJob, setup, textsOf, until } from '../examples/main-job.js';
import { recount } from '../examples/recount.js';

const COPIES = 25;

function expected(documents: string) {
  const { files, words, linksChecked, brokenLinks } = recount(documents);
  return { files, digested: files, failed: 0, words, linksChecked, brokenLinks: brokenLinks.length };
}

test('a run that was killed as a whole is resumed and loses nothing', async () => {
  const { documents, data, runs, run } = setup(COPIES);
  const args = [documents, '--exit', '--data', data, '--port', '0', '--agents', '1'];
  const first = new MainJob(MAIN, args);
  const pids = [...(await first.pids()).values()];
  await until(() => textsOf(runs) >= 60);
  first.process.kill('SIGKILL');
  expect(await first.ended).toBe('SIGKILL');
  await until(() => !pids.some(isAlive));

  const second = new MainJob(MAIN, args);
  await second.says(new RegExp(`Resuming run ${run().runId}: `));
  expect(await second.ended, second.output).toBe(0);
  expect(run().json('report.json').counts).toEqual({ ...expected(documents), sentences: expect.any(Number) });
  const { tasks, states } = run().json('figures.json');
  expect(states).toEqual({ SUCCEEDED: tasks });
  // Nothing was submitted twice: two tasks a document, a link check for each of those with links.
  const documentTasks = 2 * recount(documents).files + 8 * COPIES;
  const parts = tasks - documentTasks - 'question, report'.split(', ').length;
  expect(parts).toBeGreaterThanOrEqual(1);
  expect(parts).toBeLessThanOrEqual(10);
}, 240_000);

test('a run goes on when its coordinator and one of its agents are killed', async () => {
  const { documents, data, runs, run } = setup(COPIES);
  const job = new MainJob(MAIN, [documents, '--exit', '--data', data, '--port', '0', '--agents', '1']);
  const pids = await job.pids();
  await until(() => textsOf(runs) >= 40);
  process.kill(pids.get('coordinator') ?? 0, 'SIGKILL');
  await job.says(/The coordinator died; it serves again/);
  process.kill(pids.get('analyst-1') ?? 0, 'SIGKILL');
  await job.says(/analyst-1 died/);
  expect(await job.ended, job.output).toBe(0);
  expect(run().json('report.json').counts).toEqual({ ...expected(documents), sentences: expect.any(Number) });
}, 240_000);

test('an agent and the coordinator may be killed more often than they could break by themselves', async () => {
  const { documents, data, run } = setup(2);
  const job = new MainJob(MAIN, [documents, '--data', data, '--port', '0', '--agents', '1']);
  const pids = await job.pids();
  for (const [name, said] of [
    ['analyst-1', /analyst-1 died \(SIGKILL\).* process (\d+)/g],
    ['coordinator', /The coordinator died.* process (\d+)/g],
  ] as const) {
    let pid = pids.get(name) ?? 0;
    for (let deaths = 1; deaths <= 7; deaths++) {
      process.kill(pid, 'SIGKILL');
      await until(() => [...job.output.matchAll(said)].length === deaths);
      pid = Number([...job.output.matchAll(said)].at(-1)?.[1]);
    }
  }
  await job.says(/go on serving/);
  expect(run().json('report.json').counts).toEqual({ ...expected(documents), sentences: expect.any(Number) });
  job.process.kill('SIGTERM');
  expect(await job.ended, job.output).toBe(0);
}, 240_000);

test('an agent that cannot start fails the run, with its last words', async () => {
  const { documents, data } = setup();
  const broken = path.join(path.dirname(data), 'broken.mjs');
  writeFileSync(
    broken,
    `if (process.argv[1].endsWith('editor.js')) {
      console.error('there is no ink');
      process.exit(3);
    }`,
  );
  const job = new MainJob(MAIN, [documents, '--exit', '--data', data, '--port', '0', '--agents', '1'], {
    NODE_OPTIONS: `--import ${pathToFileURL(broken)}`,
  });
  const pids = await job.pids();
  expect(await job.ended, job.output).toBe(1);
  expect(job.output).toMatch(/editor-1 dies again and again .*exit code 3.*\n.*no ink/);
  for (const pid of pids.values()) expect(isAlive(pid)).toBe(false);
}, 240_000);

test('a data folder that another coordinator has is said to be taken, and left alone', async () => {
  const { documents, data } = setup();
  const first = new MainJob(MAIN, [documents, '--data', data, '--port', '0', '--agents', '1']);
  await first.says(/go on serving/);
  const second = new MainJob(MAIN, [documents, '--exit', '--data', data, '--port', '0']);
  expect(await second.ended).toBe(1);
  expect(second.output).toContain('the coordinator did not start');
  expect(second.output).toContain(data);
  first.process.kill('SIGTERM');
  expect(await first.ended, first.output).toBe(0);
}, 240_000);
