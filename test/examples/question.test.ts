import path from 'node:path';
import type { Client, TaskRequest } from '@reeve/sdk';
import { expect, test } from 'vitest';
import type { DocumentDigest } from '../../examples/digest/documents/document.js';
import { RunFolder } from '../../examples/digest/run-folder.js';
import { digest } from '../../examples/digest/runner.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const QUIET = { submitted() {}, ended() {}, note() {}, stop() {} };
const EXTRACTED = { title: 'x', words: 1, sentences: 1, links: [] };

/** Answers every task with what `outputs` has for its kind and document. */
function clientOf(outputs: Readonly<Record<string, unknown>>): Client {
  const submit = async ({ kind, input }: TaskRequest) => {
    const { path: document } = input as { path?: string };
    return { taskId: document ? `${kind} ${document}` : kind };
  };
  const client = {
    submit,
    submitMany: (requests: readonly TaskRequest[]) =>
      Promise.all(requests.map(async (request) => ({ ok: true, task: await submit(request) }))),
    wait: async (taskId: string) => outputs[taskId],
  };
  return client as unknown as Client;
}

test('the question is about what whoever answers can read, not about what came while that was written', async () => {
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  class SlowFolder extends RunFolder {
    override async addDigests(digests: readonly DocumentDigest[]): Promise<void> {
      await super.addDigests(digests);
      // All that the others say is known before this one returns.
      finish();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const files = ['a.md', 'b.md', 'c.md'];
  const run = { root: '/docs', createTime: '2026-01-01T00:00:00.000Z', files, leftOut: [] };
  const { folder } = await RunFolder.create(path.join(temporaryFolder(), 'runs'), run);
  const late = finished.then(() => ({ summary: [], keywords: ['apple'] }));
  const client = clientOf({
    ...Object.fromEntries(files.map((file) => [`document.extract ${file}`, EXTRACTED])),
    'document.summarize a.md': { summary: [], keywords: ['zebra'] },
    'document.summarize b.md': late,
    'document.summarize c.md': late,
    'digest.answer': { answer: 'It is.' },
    'digest.merge-report': {},
  });
  const result = await digest({
    client,
    person: client,
    folder: new SlowFolder(folder),
    progress: QUIET,
    signal: new AbortController().signal,
  });
  expect(result.question).toBe('Which documents speak about “zebra”?');
});
