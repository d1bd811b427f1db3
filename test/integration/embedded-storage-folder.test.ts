import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openDataFolder } from '../../src/postgres/data-folder/data-folder.js';
import { ownFolder } from '../../src/postgres/data-folder/folder-owner.js';
import { type LineProcess, startLineProcess } from '../support/pglite-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const open = (dir: string) => openDataFolder({ dir, log, version: '0.1.0', migrate: async () => {} });

async function startClaimer(dir: string, cwd?: string): Promise<LineProcess> {
  const claimer = startLineProcess('pglite-claimer.mjs', [dir], cwd);
  expect(await claimer.nextLine()).toBe('ready');
  return claimer;
}

async function claim(claimer: LineProcess): Promise<string> {
  claimer.tell('claim');
  return claimer.nextLine();
}

test('a new folder is made, marked as ours, and can be opened again after its release', async () => {
  const dir = path.join(temporaryFolder('folder'), 'deep', 'data');
  const folder = await open(dir);
  expect(folder).toMatchObject({ dir, pgDir: path.join(dir, 'pg18') });
  expect(folder.movedFrom).toBeUndefined();
  expect(JSON.parse(readFileSync(path.join(dir, 'reeve.json'), 'utf8'))).toEqual({
    postgresMajor: 18,
    createdBy: '0.1.0',
  });
  expect(existsSync(path.join(dir, 'owner.sock'))).toBe(true);
  await folder.release();
  await folder.release();
  await (await open(dir)).release();
});

test('a folder with things of somebody else in it is refused and left alone', async () => {
  const dir = temporaryFolder('folder');
  writeFileSync(path.join(dir, 'thesis.txt'), 'mine');
  await expect(open(dir)).rejects.toMatchObject({
    code: 'FAILED_PRECONDITION',
    reason: 'DATA_FOLDER_NOT_OURS',
    message: expect.stringMatching(`${dir}.*thesis.txt.*--data`),
  });
  expect(readdirSync(dir)).toEqual(['thesis.txt']);
});

test('a folder of a newer Postgres is refused', async () => {
  const dir = temporaryFolder('folder');
  writeFileSync(path.join(dir, 'reeve.json'), '{"postgresMajor":19,"createdBy":"9.0.0"}');
  await expect(open(dir)).rejects.toMatchObject({
    reason: 'DATA_FOLDER_TOO_NEW',
    message: expect.stringContaining('19'),
  });
  expect(readdirSync(dir)).toEqual(['reeve.json']);
});

test('a file in the place of the folder is reported as what it is', async () => {
  const file = path.join(temporaryFolder('folder'), 'data');
  writeFileSync(file, '');
  await expect(open(file)).rejects.toMatchObject({
    reason: 'DATA_FOLDER_UNUSABLE',
    message: expect.stringContaining(file),
  });
});

test('a second process is told who owns the folder and where that serves', async () => {
  const dir = temporaryFolder('folder');
  const owner = await startClaimer(dir);
  expect(await claim(owner)).toBe('own');
  await expect(open(dir)).rejects.toMatchObject({
    code: 'FAILED_PRECONDITION',
    reason: 'DATA_FOLDER_IN_USE',
    message: expect.stringMatching(`${dir} .*process ${owner.pid}, which serves on 127.0.0.1:4711`),
    details: { metadata: { pid: String(owner.pid), address: '127.0.0.1:4711' } },
  });
  owner.tell('release');
  expect(await owner.nextLine()).toBe('released');
  await (await open(dir)).release();
  await owner.kill();
});

test('an owner that is stopped and cannot answer still owns the folder', async () => {
  const dir = temporaryFolder('folder');
  const owner = await startClaimer(dir);
  expect(await claim(owner)).toBe('own');
  process.kill(owner.pid, 'SIGSTOP');
  await expect(ownFolder(dir)).rejects.toMatchObject({ reason: 'DATA_FOLDER_IN_USE' });
  await owner.kill();
  await (await ownFolder(dir)).release();
});

test('of many who start at once exactly one wins, each time also after the owner was killed', async () => {
  const dir = temporaryFolder('folder');
  let claimers = await Promise.all(Array.from({ length: 6 }, () => startClaimer(dir)));
  for (let round = 0; round < 8; round++) {
    const answers = await Promise.all(claimers.map(claim));
    const winners = claimers.filter((_, i) => answers[i] === 'own');
    expect(winners).toHaveLength(1);
    for (const answer of answers.filter((a) => a !== 'own')) {
      expect(JSON.parse(answer)).toMatchObject({ reason: 'DATA_FOLDER_IN_USE' });
    }
    const [winner] = winners;
    await winner?.kill();
    claimers = claimers.filter((claimer) => claimer !== winner);
    if (claimers.length < 3) claimers.push(await startClaimer(dir), await startClaimer(dir));
  }
  await Promise.all(claimers.map((claimer) => claimer.kill()));
  const left = readdirSync(path.join(dir, 'owner'));
  expect(left.filter((name) => /^\d+$/.test(name))).toHaveLength(1);
}, 60_000);

test('a path too long for a socket works, and a relative one means the same folder', async () => {
  const root = temporaryFolder('folder');
  const long = path.join(root, ...Array<string>(12).fill('a-rather-long-name'));
  mkdirSync(long, { recursive: true });
  const owner = await startClaimer(path.basename(long), path.dirname(long));
  expect(await claim(owner)).toBe('own');
  await expect(open(long)).rejects.toMatchObject({
    reason: 'DATA_FOLDER_IN_USE',
    message: expect.stringContaining(String(owner.pid)),
  });
  await owner.kill();
  await (await open(long)).release();
});
