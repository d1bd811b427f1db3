import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { CoordinatorService, TaskState, type WatchTasksResponse } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createSharedFeed } from '../../src/api/feeds/shared-feed.js';
import type { TaskRecord } from '../../src/ports/task-record.js';
import { createChangeLog } from '../../src/postgres/changes/change-log.js';
import type { Database } from '../../src/postgres/database.js';
import { openServer } from '../../src/postgres/drivers/server.js';
import { systemClock } from '../../src/system/clock.js';
import { detailsOf, failureOf } from '../api/support/grpc-client.js';
import { createWorld, settlement } from '../conformance/task-record-world.js';
import { serve } from '../support/grpc-world.js';
import { recordOn, SILENT } from '../support/pglite-record.js';
import { CANCEL_TASK, openTransaction } from '../support/servers/open-transaction.js';
import { type PostgresServer, startPostgres } from '../support/servers/postgres-server.js';

const { watchTasks, waitTask, submitTask, cancelTask } = CoordinatorService.method;
const org = 'default';

let server: PostgresServer;
let url: string;
beforeAll(async () => {
  server = await startPostgres();
  url = await server.createDatabase();
  const { close } = await recordOn(openServer({ url, log: SILENT }));
  await close();
});
afterAll(() => server.stop());

/** A coordinator's record, feed and gRPC door; what it reads of the changes is counted. */
async function coordinator() {
  const opened = await recordOn(openServer({ url, log: SILENT }));
  onTestFinished(() => opened.close());
  const reads = { count: 0 };
  const counting: Database = {
    ...opened.db,
    read(statement, values) {
      reads.count += 1;
      return opened.db.read(statement, values);
    },
  };
  const feed = createSharedFeed({ changes: createChangeLog(counting), clock: systemClock, log: SILENT });
  const served = await serve({ record: opened.record, feed });
  return { ...served, db: opened.db, record: opened.record, feed, reads, verbs: verbsOf(opened.record) };
}

/** The verbs of agents, which do without telling anybody, as another coordinator would. */
function verbsOf(record: TaskRecord) {
  const world = { ...createWorld(record), org };
  const claim = async (taskId: string) => {
    const [claimed] = await record.claimTasks([
      { org, taskId, agentId: 'a', acceptWithinMs: 60_000, requestId: null },
    ]);
    if (claimed?.kind !== 'OK') throw new Error(`not claimed: ${claimed?.kind}`);
    return claimed.lease;
  };
  return {
    world,
    claim,
    async finish(taskId: string) {
      await record.settleTasks([settlement(await claim(taskId), 'SUCCEEDED')]);
    },
  };
}

type Coordinator = Awaited<ReturnType<typeof coordinator>>;

/** A watch of a kind; `told` is what it has been told of each task, in its order. */
function watch({ client }: Coordinator, kind: string, asked: object = {}) {
  const stream = client.stream(watchTasks, { selector: { kinds: [kind] }, ...asked });
  const told = new Map<string, string[]>();
  const read = { token: '', snapshots: 0 };
  stream.on('error', () => {});
  stream.on('data', ({ changes, snapshot, bookmark }: WatchTasksResponse) => {
    if (snapshot) read.snapshots += 1;
    if (bookmark) read.token = bookmark.resumeToken;
    for (const { task, seq, left } of changes) {
      const of = told.get(task?.taskId ?? '') ?? [];
      of.push(`${seq} ${TaskState[task?.state ?? 0]}${left ? ' left' : ''}`);
      told.set(task?.taskId ?? '', of);
    }
  });
  onTestFinished(() => void stream.cancel());
  return {
    read,
    told: (taskId: string) => told.get(taskId) ?? [],
    async ready() {
      await expect.poll(() => read.token, { timeout: 10_000 }).not.toBe('');
    },
    async until(taskId: string, last: string) {
      await expect.poll(() => told.get(taskId)?.at(-1), { timeout: 10_000, interval: 10 }).toBe(last);
    },
    failure: () => failureOf(new Promise((_, reject) => stream.on('error', reject))),
    close: () => stream.cancel(),
  };
}

const submit = async ({ client }: Coordinator, kind: string): Promise<string> =>
  (await client.call(submitTask, { task: { kind } })).task?.taskId ?? '';

describe('watches of two coordinators on one record', () => {
  it('see on one what is submitted and settled on the other, each task in its order', async () => {
    const [here, there] = [await coordinator(), await coordinator()];
    const kind = `k-${randomUUID()}`;
    const watched = watch(there, kind);
    await watched.ready();
    const taskIds = await Promise.all(Array.from({ length: 40 }, () => submit(here, kind)));
    await Promise.all(taskIds.map((taskId) => here.verbs.finish(taskId)));
    for (const taskId of taskIds) await watched.until(taskId, '4 SUCCEEDED');
    for (const taskId of taskIds) {
      const seqs = watched.told(taskId).map((text) => Number(text.split(' ')[0]));
      expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    }
  });

  it('tell a WaitTask and a watch by id of what ends on the other', async () => {
    const [here, there] = [await coordinator(), await coordinator()];
    const taskId = await submit(here, 'waited');
    const waiting = there.client.call(waitTask, { taskId, maxWait: { seconds: 20n } });
    const stream = there.client.stream(watchTasks, { taskIds: [taskId] });
    const states: string[] = [];
    const ended = new Promise((resolve) => stream.on('end', resolve));
    stream.on('data', ({ changes }: WatchTasksResponse) =>
      states.push(...changes.map(({ task }) => TaskState[task?.state ?? 0] ?? '')),
    );
    await expect.poll(() => states).toEqual(['QUEUED']);
    await here.verbs.finish(taskId);
    expect(await waiting).toMatchObject({ ended: true, task: { state: TaskState.SUCCEEDED } });
    await ended;
    expect(states.at(-1)).toBe('SUCCEEDED');
  });

  it('tell of what leaves the selector, of whoever takes it out', async () => {
    const [here, there] = [await coordinator(), await coordinator()];
    const kind = `k-${randomUUID()}`;
    const taskId = await submit(here, kind);
    const watched = watch(there, kind, { selector: { kinds: [kind], states: [TaskState.QUEUED] } });
    await watched.until(taskId, '1 QUEUED');
    await here.verbs.claim(taskId);
    await watched.until(taskId, '2 ASSIGNED left');
  });

  it('do not skip a transaction that commits after those that began later', async () => {
    const [here, there] = [await coordinator(), await coordinator()];
    const kind = `k-${randomUUID()}`;
    const [slow, quick] = [await submit(here, kind), await submit(here, kind)];
    const watched = watch(there, kind);
    await watched.until(quick, '1 QUEUED');
    await watched.ready();
    const begun = watched.read.token;
    const commit = await openTransaction(here.db, CANCEL_TASK, [org, slow]);
    await here.verbs.finish(quick);
    // Told at once of what its own coordinator does meanwhile, and once.
    const own = await submit(there, kind);
    await watched.until(own, '1 QUEUED');
    await expect.poll(() => there.feed.lagMs).toBeGreaterThan(100);
    expect([watched.told(quick), watched.told(slow)]).toEqual([['1 QUEUED'], ['1 QUEUED']]);
    await commit();
    await watched.until(slow, '2 CANCELLED');
    await watched.until(quick, '4 SUCCEEDED');
    expect(watched.told(own)).toEqual(['1 QUEUED']);
    // Nor does one that goes on from before.
    const resumed = watch(here, kind, { resumeToken: begun });
    await resumed.until(slow, '2 CANCELLED');
    await resumed.until(quick, '4 SUCCEEDED');
    expect(resumed.read.snapshots).toBe(0);
  });

  it('go on from a token of the other, and of one that is no more, without a gap or a snapshot', async () => {
    const [here, there] = [await coordinator(), await coordinator()];
    const kind = `k-${randomUUID()}`;
    const [first, second] = [await submit(here, kind), await submit(here, kind)];
    const watched = watch(here, kind);
    await watched.until(first, '1 QUEUED');
    await watched.ready();
    watched.close();
    await here.verbs.finish(first);
    const onOther = watch(there, kind, { resumeToken: watched.read.token });
    await onOther.until(first, '4 SUCCEEDED');
    expect(onOther.told(second)).toEqual([]);
    await onOther.ready();
    onOther.close();
    await here.server.stop(0);
    await there.server.stop(0);
    const restarted = await coordinator();
    await restarted.client.call(cancelTask, { taskId: second });
    const onNext = watch(restarted, kind, { resumeToken: watched.read.token });
    await onNext.until(first, '4 SUCCEEDED');
    await onNext.until(second, '2 CANCELLED');
    expect([onOther.read.snapshots, onNext.read.snapshots]).toEqual([0, 0]);
  });

  it('refuse a token whose changes are forgotten, with the oldest that would do', async () => {
    const [here, there] = [await coordinator(), await coordinator()];
    const kind = `k-${randomUUID()}`;
    const watched = watch(here, kind);
    await watched.ready();
    const resumeToken = watched.read.token;
    await submit(here, kind);
    const last = await submit(here, kind);
    await watched.until(last, '1 QUEUED');
    await createChangeLog(here.db).forgetChanges(-1_000);
    const error = await watch(there, kind, { resumeToken }).failure();
    expect([error.code, detailsOf(error).info?.reason]).toEqual([status.OUT_OF_RANGE, 'WATCH_COMPACTED']);
    const oldest = detailsOf(error).info?.metadata.oldest_resume_token ?? '';
    await watch(there, kind, { resumeToken: oldest }).until(last, '1 QUEUED');
  });

  it('ask the record for nothing while nobody watches', async () => {
    const here = await coordinator();
    const kind = `k-${randomUUID()}`;
    await here.verbs.finish(await submit(here, kind));
    expect(here.reads.count).toBe(0);
    const watched = watch(here, kind);
    await watched.ready();
    await expect.poll(() => here.reads.count).toBeGreaterThan(3);
    watched.close();
    await expect.poll(() => here.feed.lagMs).toBe(0);
    const { count } = here.reads;
    for (let i = 0; i < 5; i++) await here.verbs.finish(await submit(here, kind));
    // One that was under way is the last.
    expect(here.reads.count - count).toBeLessThanOrEqual(1);
  });
});
