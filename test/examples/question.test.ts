import path from 'node:path';
import type { Client, TaskRequest } from '@reeve/sdk';
import { expect, test } from 'vitest';
import { askQuestion } from '../../examples/digest/ask-question.js';
import { nothingOf } from '../../examples/digest/documents/document.js';
import { isTimeToAsk } from '../../examples/digest/question.js';
import { RunFolder } from '../../examples/digest/run-folder.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** One who asks, and is answered by `answer`. */
function personOf(answer: () => Promise<{ readonly answer: string }>) {
  const asked: TaskRequest[] = [];
  const client = {
    submit: async (request: TaskRequest) => {
      asked.push(request);
      return { taskId: 't-1' };
    },
    wait: answer,
  };
  return { person: client as unknown as Client, asked };
}

async function runOf(keywords: Readonly<Record<string, string>>) {
  const run = {
    root: '/docs',
    createTime: '2026-01-01T00:00:00.000Z',
    files: Object.keys(keywords),
    leftOut: [],
  };
  const folder = await RunFolder.create(path.join(temporaryFolder(), 'runs'), run);
  for (const [file, keyword] of Object.entries(keywords)) {
    await folder.keep('digests', { ...nothingOf(file), keywords: [keyword] });
  }
  return folder;
}

const QUIET = { shows() {}, note() {}, stop() {} };

test('a question is about what is known, is kept before it is asked, and asked as it was by a resumed run', async () => {
  const folder = await runOf({ 'a.md': 'zebra' });
  const { signal } = new AbortController();
  const killed = personOf(() => Promise.reject(new Error('killed')));
  await expect(askQuestion({ ...killed, folder, progress: QUIET, signal })).rejects.toThrow('killed');
  expect(await folder.read()).toMatchObject({ question: 'Which documents speak about “zebra”?' });
  expect((await folder.read()).answer).toBeUndefined();

  for (const file of ['b.md', 'c.md'])
    await folder.keep('digests', { ...nothingOf(file), keywords: ['apple'] });
  const resumed = personOf(async () => ({ answer: 'One does.' }));
  await askQuestion({ ...resumed, folder, progress: QUIET, signal });
  expect(resumed.asked).toEqual(killed.asked);
  expect((await folder.read()).answer).toBe('One does.');

  await askQuestion({ ...resumed, folder, progress: QUIET, signal });
  expect(resumed.asked).toHaveLength(1);
});

test('it is asked when some documents are known and enough tasks wait, or at the last chance', () => {
  expect(isTimeToAsk(100, 100, 9, 91)).toBe(false);
  expect(isTimeToAsk(100, 100, 10, 90)).toBe(true);
  expect(isTimeToAsk(100, 49, 10, 39)).toBe(false);
  expect(isTimeToAsk(100, 100, 76, 24)).toBe(false);
  expect(isTimeToAsk(100, 100, 80, 20)).toBe(true);
});
