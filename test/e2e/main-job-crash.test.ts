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
