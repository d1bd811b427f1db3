import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createClient, type TaskEventInfo } from '@reeve/sdk';
import { expect, onTestFinished, test } from 'vitest';
import { isAlive, MAIN, MainJob, START, setup } from '../examples/main-job.js';
import { documentsOf, recount } from '../examples/recount.js';

const PLANTED = [
  'README.md -> guide/missing-chapter.md',
  'README.md -> guide/signals.md#fog-horns',
  'README.md -> #what-is-not-here',
  'guide/faq.markdown -> ../prices/2019.txt',
  'guide/faq.markdown -> ../README.md#office-hours',
  'guide/layout.md -> plan.svg',
  'guide/layout.md -> #basin',
  'guide/signals.md -> ../history/bell.md',
  'hostile.md -> x',
];

test('the main job reports what a recount of the folder finds, and ends with 0', async () => {
  const { documents, data, run } = setup();
  const counted = recount(documents);
  const job = new MainJob(START, [documents, '--exit', '--data', data, '--port', '0', '--agents', '1']);
  expect(await job.ended, job.output).toBe(0);

  const report = run().json('report.json');
  expect(report.counts).toMatchObject({
    files: counted.files,
    digested: counted.files,
    failed: 0,
    words: counted.words,
    linksChecked: counted.linksChecked,
    brokenLinks: counted.brokenLinks.length,
  });
  const broken: string[] = report.broken.map(
    (link: { path: string; href: string }) => `${link.path} -> ${link.href}`,
  );
  expect(broken.sort()).toEqual([...counted.brokenLinks].sort());
  expect(broken.sort()).toEqual([...PLANTED].sort());
  expect(report.question).toMatch(/^Which documents speak about “/);
  expect(report.answer).toMatch(/documents? digested so far speaks? about/);
  expect(job.output).toContain(path.join(run().folder, 'report.html'));
  expect(job.output).toMatch(/grpcurl -plaintext/);

  const html = readFileSync(path.join(run().folder, 'report.html'), 'utf8');
  expect(html).toContain('The harbour handbook');
  expect(html).not.toContain('<script');
  for (const pid of (await job.pids()).values()) expect(isAlive(pid)).toBe(false);
}, 240_000);

test('files that cannot be read have an outcome of their own', async () => {
  const { documents, data, run } = setup();
  const files = documentsOf(documents).length;
  writeFileSync(path.join(documents, 'binary.md'), Buffer.from([0x23, 0x20, 0x00, 0xff]));
  writeFileSync(path.join(documents, 'latin1.txt'), Buffer.from('caf\xe9', 'latin1'));
  writeFileSync(path.join(documents, 'huge.md'), 'words '.repeat(400_000));
  const job = new MainJob(MAIN, [documents, '--exit', '--data', data, '--port', '0', '--agents', '1']);
  expect(await job.ended, job.output).toBe(0);
  const report = run().json('report.json');
  expect(report.counts).toMatchObject({ files: files + 3, digested: files, failed: 3 });
  expect(report.failed.map(({ path, kind }: { path: string; kind: string }) => `${path} ${kind}`)).toEqual([
    'binary.md NOT_TEXT',
    'huge.md TOO_LARGE',
    'latin1.txt NOT_TEXT',
  ]);
}, 240_000);

test('it serves on after the report, and what it says of the question is what all audit trails say', async () => {
  const { documents, data, run } = setup(12);
  const job = new MainJob(MAIN, [documents, '--data', data, '--port', '0', '--agents', '1']);
  const [, address = ''] = await job.says(/serves at (\S+);/);
  const client = createClient({ address });
  onTestFinished(() => client.close());
  await job.says(/go on serving/);

  const { question, tasks, waits } = run().json('figures.json');
  const trails: TaskEventInfo[][] = [];
  for await (const { taskId } of client.list({ labels: { run: run().runId } })) {
    const trail: TaskEventInfo[] = [];
    for await (const event of client.events(taskId)) trail.push(event);
    trails.push(trail);
  }
  expect(trails).toHaveLength(tasks);
  const asked = trails.find(([first]) => first?.taskId === question.taskId);
  const at = (type: string) => asked?.find((event) => event.type === type)?.eventTime.getTime() ?? Number.NaN;
  const before = trails.flat().filter(({ type, eventTime }) => {
    return (
      type === 'CLAIMED' && eventTime.getTime() >= at('SUBMITTED') && eventTime.getTime() < at('CLAIMED')
    );
  });
  expect(question.claimedBefore).toBe(before.filter(({ agentId }) => agentId.startsWith('analyst')).length);
  expect(question.claimedByOthers).toBe(
    before.filter(({ agentId }) => !agentId.startsWith('analyst')).length,
  );
  expect(waits).toContainEqual({
    tier: 'person',
    tasks: 1,
    p50: question.waitedMs,
    p95: question.waitedMs,
    max: question.waitedMs,
  });
  expect(question.waiting).toBeGreaterThan(0);

  const { answer } = await client.run<{ answer: string }>({
    kind: 'digest.answer',
    source: 'HUMAN',
    input: { question: 'Which documents speak about “tides”?' },
  });
  expect(answer).toMatch(/^\d+ of the 156 documents digested so far speak about “tides”/);

  job.process.kill('SIGINT');
  expect(await job.ended, job.output).toBe(0);
  for (const pid of (await job.pids()).values()) expect(isAlive(pid)).toBe(false);
}, 240_000);

test('a folder without documents is refused before anything is made, and taken once it has some', async () => {
  const { documents, data, runs } = setup();
  const folder = path.join(path.dirname(data), 'empty');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'photo.jpg'), '');
  const args = [folder, '--exit', '--data', data, '--port', '0', '--agents', '1'];
  const first = new MainJob(MAIN, args);
  expect(await first.ended).toBe(2);
  expect(first.output).toContain('no .md, .markdown, .txt or .d.ts');
  expect([existsSync(runs), existsSync(data)]).toEqual([false, false]);

  // Such a run was made by earlier versions.
  const old = path.join(runs, '2026-01-01T00-00-00');
  mkdirSync(old, { recursive: true });
  const run = { runId: path.basename(old), root: folder, createTime: '2026-01-01T00:00:00Z', question: '' };
  writeFileSync(
    path.join(old, 'run.json'),
    JSON.stringify({ ...run, status: 'RUNNING', files: [], leftOut: [] }),
  );
  copyFileSync(path.join(documents, 'notes.txt'), path.join(folder, 'notes.txt'));
  const second = new MainJob(MAIN, args);
  expect(await second.ended, second.output).toBe(0);
  expect(second.output).toMatch(/^Run \S+: 1 file of /m);
  expect(second.output).toMatch(/^1 document digested in /m);
}, 240_000);

test('a second run is a new run', async () => {
  const { documents, data, runs } = setup();
  const args = [documents, '--exit', '--data', data, '--port', '0', '--agents', '1'];
  const first = new MainJob(MAIN, args);
  expect(await first.ended, first.output).toBe(0);
  copyFileSync(path.join(documents, 'notes.txt'), path.join(documents, 'more.txt'));
  const second = new MainJob(MAIN, args);
  expect(await second.ended, second.output).toBe(0);
  const [, runId = ''] = await second.says(/^Run (\S+): 14 files/m);
  expect(JSON.parse(readFileSync(path.join(runs, runId, 'report.json'), 'utf8')).counts.files).toBe(14);
}, 240_000);

test('a wrong command line is told apart from a failure', async () => {
  const { data } = setup();
  const help = new MainJob(MAIN, ['--help']);
  expect(await help.ended).toBe(0);
  expect(help.output).toContain('npm start -- FOLDER');
  const nowhere = new MainJob(MAIN, [path.join(data, 'nowhere'), '--data', data]);
  expect(await nowhere.ended).toBe(2);
  expect(nowhere.output).toContain('nowhere');
  const port = new MainJob(MAIN, ['--port', 'x', '--data', data]);
  expect(await port.ended).toBe(2);
  expect(port.output).toContain('--port takes a whole number');
}, 240_000);
