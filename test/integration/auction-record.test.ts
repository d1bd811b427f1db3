import { v7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NO_BIDS, withResult } from '../../src/domain/auctions/bid-record.js';
import type { AuctionRecord, Award } from '../../src/ports/auction-record.js';
import { NO_FAILPOINTS } from '../../src/ports/failpoints.js';
import { createAuctionRecord } from '../../src/postgres/auctions/auction-record.js';
import { createTaskRecord } from '../../src/postgres/tasks/task-record.js';
import { createWorld } from '../conformance/task-record-world.js';
import { openPgliteRecord, type PgliteRecord, SILENT } from '../support/pglite-record.js';

let opened: PgliteRecord;
let auctions: AuctionRecord;
beforeAll(async () => {
  opened = await openPgliteRecord();
  auctions = createAuctionRecord(opened.db);
});
afterAll(() => opened.close());

let time = 1_700_000_000_000;
const awardOf = (own: Partial<Award> = {}): Award => ({
  ...{ org: 'o', taskId: v7(), epoch: 1, agentId: 'a', kind: 'k' },
  ...{ price: 0.25, etaMs: 1_500, confidence: 0.9, probability: 0.7, awardTime: ++time },
  ...own,
});

test('an award is found once its task is gone, ended or claimed anew, page by page', async () => {
  const gone = [awardOf(), awardOf(), awardOf()];
  await auctions.putAwards(gone);
  const first = await auctions.listEndedAwards(null, 2);
  expect(first.ended).toEqual(gone.slice(0, 2).map((one) => ({ ...one, outcome: null, tookMs: 0 })));
  expect(first.cursor).toEqual({
    awardTime: gone[1]?.awardTime,
    taskId: gone[1]?.taskId,
    epoch: 1,
  });
  const second = await auctions.listEndedAwards(first.cursor, 2);
  expect(second.ended.map(({ taskId }) => taskId)).toEqual([gone[2]?.taskId]);
  expect(second.cursor).toBeNull();
  await auctions.settleAwards(gone, []);
  expect((await auctions.listEndedAwards(null, 10)).ended).toEqual([]);
});

test('what came of an award is what its agent reported, at its epoch', async () => {
  const record = createTaskRecord(opened.db, { failpoints: NO_FAILPOINTS, log: SILENT });
  const world = createWorld(record);
  const held = await world.running();
  const lease = { taskId: held.taskId, org: held.org, epoch: held.epoch };
  const now = Date.now();
  const award = awardOf({ ...lease, agentId: held.agentId, awardTime: now });
  const others = awardOf({ ...lease, agentId: 'another', epoch: lease.epoch + 1, awardTime: now });
  await auctions.putAwards([award, others]);
  expect((await auctions.listEndedAwards(null, 10)).ended).toEqual([]);
  await world.settle(held);
  const { ended } = await auctions.listEndedAwards(null, 10);
  expect(ended).toEqual([
    { ...award, outcome: 'SUCCEEDED', tookMs: expect.any(Number) },
    { ...others, outcome: null, tookMs: 0 },
  ]);
  await auctions.settleAwards(ended, []);
});

test('bidders are kept by kind and agent, and forgotten when nothing is heard of them', async () => {
  const record = withResult(NO_BIDS, {
    ...{ succeeded: true, said: 0.9, probability: 0.7, timeRatio: 1.5, priceRatio: null },
  });
  const bidder = (agentId: string, kind: string) => ({ org: 'p', agentId, kind, record, updateTime: 0 });
  await auctions.settleAwards([], [bidder('a', 'k'), bidder('a', ''), bidder('', ''), bidder('b', 'k')]);
  const found = await auctions.readBidders('p', [
    { agentId: 'a', kind: 'k' },
    { agentId: 'x', kind: 'k' },
  ]);
  expect(found).toEqual([{ ...bidder('a', 'k'), updateTime: expect.any(Number) }]);

  const query = { org: 'p', agentId: null, kind: null, after: null, limit: 2 };
  const page = await auctions.listBidders(query);
  expect(page.map(({ kind, agentId }) => [kind, agentId])).toEqual([
    ['', ''],
    ['', 'a'],
  ]);
  const rest = await auctions.listBidders({ ...query, after: { kind: '', agentId: 'a' } });
  expect(rest.map(({ agentId }) => agentId)).toEqual(['a', 'b']);
  expect(await auctions.listBidders({ ...query, agentId: 'b' })).toHaveLength(1);
  expect(await auctions.listBidders({ ...query, org: 'q' })).toEqual([]);

  await auctions.forgetBidders(3_600_000);
  expect(await auctions.listBidders(query)).toHaveLength(2);
  await auctions.forgetBidders(0);
  expect(await auctions.listBidders(query)).toEqual([]);
});
