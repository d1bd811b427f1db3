import { randomUUID } from 'node:crypto';
import { createClient } from '@reeve/sdk';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Coordinator } from '../../src/coordinator.js';
import { all } from '../support/all-of.js';
import { openEmbedded } from '../support/embedded.js';
import { refusal } from '../support/refusal.js';

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await openEmbedded();
});
afterAll(() => coordinator.stop());

/** An organisation of its own. */
function setup() {
  const org = `org-${randomUUID().slice(0, 8)}`;
  const client = createClient({ address: coordinator.address, org, subject: 'ann' });
  onTestFinished(() => client.close());
  return { org, jobKinds: client.jobKinds };
}

describe('what is said of a kind of job', () => {
  const SCHEMA = { type: 'object', required: ['url'], properties: { url: { type: 'string' } } };

  test('is put, read, listed and deleted', async () => {
    const { jobKinds } = setup();
    const put = await jobKinds.put({
      kind: 'crawl',
      inputSchema: SCHEMA,
      requiredFields: ['goal', 'labels.team'],
      validate: "task.tier == 'LOW'",
      description: 'fetches a page',
      preemptible: true,
    });
    expect(put).toMatchObject({ kind: 'crawl', inputSchema: SCHEMA, preemptible: true, actor: 'ann' });
    expect(await jobKinds.get('crawl')).toEqual(put);
    const bare = await jobKinds.put({ kind: 'bare' });
    expect(bare).toMatchObject({ kind: 'bare', requiredFields: [], preemptible: false });
    expect(await all(jobKinds.list())).toEqual([bare, put]);
    expect(await jobKinds.delete('crawl', { etag: put.etag })).toEqual(put);
    expect(await all(jobKinds.list())).toEqual([bare]);
  });

  test('of which nothing is said is NOT_FOUND, naming kind and organisation', async () => {
    const { jobKinds, org } = setup();
    for (const call of [jobKinds.get('crawl'), jobKinds.delete('crawl')]) {
      const error = await refusal(call);
      expect(error).toMatchObject({ code: 'NOT_FOUND', reason: 'JOB_KIND_NOT_FOUND' });
      expect(error.metadata).toEqual({ kind: 'crawl', org });
    }
  });

  test('is changed only as it was read, or only checked, where that is said', async () => {
    const { jobKinds } = setup();
    const checked = await jobKinds.put({ kind: 'crawl' }, { validateOnly: true });
    expect([checked.etag, checked.updateTime]).toEqual(['', undefined]);
    expect(await all(jobKinds.list())).toEqual([]);
    const first = await jobKinds.put({ kind: 'crawl' }, { etag: '*' });
    for (const options of [{ etag: '*' }, { etag: '99' }, { etag: '*', validateOnly: true }]) {
      const error = await refusal(jobKinds.put({ kind: 'crawl' }, options));
      expect(error).toMatchObject({ code: 'ABORTED', reason: 'ETAG_MISMATCH' });
      expect(error.metadata).toMatchObject({ kind: 'crawl', etag: first.etag });
    }
    expect((await refusal(jobKinds.delete('crawl', { etag: '99' }))).reason).toBe('ETAG_MISMATCH');
    await jobKinds.put({ kind: 'crawl', description: 'another' }, { etag: first.etag });
  });

  test('is refused where it requires what there is not, or has too large a schema', async () => {
    const { jobKinds } = setup();
    const error = await refusal(jobKinds.put({ kind: 'crawl', requiredFields: ['goal', 'gaol', 'labels.'] }));
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'JOB_KIND_INVALID' });
    expect(error.violations).toMatchObject([
      { field: 'job_kind.required_fields[1]', description: expect.stringContaining('did you mean goal?') },
      { field: 'job_kind.required_fields[2]' },
    ]);
    const large = { type: 'object', description: 'x'.repeat(65_536) };
    expect((await refusal(jobKinds.put({ kind: 'crawl', inputSchema: large }))).message).toContain(
      'at most 65536 bytes',
    );
    expect(await all(jobKinds.list())).toEqual([]);
  });

  test('comes page by page, as much at a time as a client takes', async () => {
    const { jobKinds } = setup();
    const kinds = Array.from({ length: 20 }, (_, i) => `kind-${String(i).padStart(2, '0')}`);
    const inputSchema = { enum: Array.from({ length: 25_000 }, () => 1) };
    for (const kind of kinds) await jobKinds.put({ kind, inputSchema });
    expect((await all(jobKinds.list())).map(({ kind }) => kind)).toEqual(kinds);
  });
});
