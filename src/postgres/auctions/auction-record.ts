import type { BidRecord } from '../../domain/auctions/bid-record.js';
import type { AuctionRecord, Award, Bidder, EndedAward } from '../../ports/auction-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';

const PUT_AWARDS = loadStatement('./put-awards.sql', import.meta.url);
const LIST_ENDED_AWARDS = loadStatement('./list-ended-awards.sql', import.meta.url);
const SETTLE_AWARDS = loadStatement('./settle-awards.sql', import.meta.url);
const READ_BIDDERS = loadStatement('./read-bidders.sql', import.meta.url);
const FORGET_BIDDERS = loadStatement('./forget-bidders.sql', import.meta.url);
const LIST_BIDDERS = loadStatement('./list-bidders.sql', import.meta.url);

/** Events that end an attempt, and what they say of its agent. */
const ENDS: Readonly<Record<string, EndedAward['outcome']>> = {
  SUCCEEDED: 'SUCCEEDED',
  FAILED: 'FAILED',
  LEASE_EXPIRED: 'FAILED',
  ATTEMPT_TIMED_OUT: 'FAILED',
  RETURNED: null,
  CANCELLED: null,
  PREEMPTED: null,
  DEADLINE_PASSED: null,
};

const FIRST_TIME = new Date(0).toISOString();
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

interface AwardRow {
  readonly org: string;
  readonly task_id: string;
  readonly epoch: number;
  readonly agent_id: string;
  readonly kind: string;
  readonly eta_ms: number;
  readonly confidence: number;
  readonly price: number;
  readonly probability: number;
  readonly award_time: number;
  readonly type: string | null;
  readonly event_time: number | null;
  readonly over: boolean;
}

interface BidderRow {
  readonly org: string;
  readonly kind: string;
  readonly agent_id: string;
  readonly record: BidRecord;
  readonly update_time: number;
}

/** The record of auctions in Postgres. */
export function createAuctionRecord(db: Database): AuctionRecord {
  return {
    async putAwards(awards) {
      if (awards.length === 0) return;
      await db.write(PUT_AWARDS, [
        awards.map((a) => a.org),
        awards.map((a) => a.taskId),
        awards.map((a) => a.epoch),
        awards.map((a) => a.agentId),
        awards.map((a) => a.kind),
        awards.map((a) => Math.round(a.etaMs)),
        awards.map((a) => a.confidence),
        awards.map((a) => a.price),
        awards.map((a) => a.probability),
        awards.map((a) => new Date(a.awardTime).toISOString()),
      ]);
    },
    async listEndedAwards(after, limit) {
      const values = [
        after ? new Date(after.awardTime).toISOString() : FIRST_TIME,
        after?.taskId ?? FIRST_ID,
        after?.epoch ?? 0,
        limit,
        Object.keys(ENDS),
      ];
      const rows = await db.read<AwardRow>(LIST_ENDED_AWARDS, values);
      const last = rows.length === limit ? rows.at(-1) : undefined;
      return {
        ended: rows.filter(({ type, over }) => type !== null || over).map(decodeAward),
        cursor: last ? { awardTime: last.award_time, taskId: last.task_id, epoch: last.epoch } : null,
      };
    },
    async settleAwards(awards, bidders) {
      if (awards.length === 0 && bidders.length === 0) return;
      await db.write(SETTLE_AWARDS, [
        awards.map((a: Award) => a.org),
        awards.map((a) => a.taskId),
        awards.map((a) => a.epoch),
        bidders.map((b) => b.org),
        bidders.map((b) => b.kind),
        bidders.map((b) => b.agentId),
        bidders.map((b) => JSON.stringify(b.record)),
      ]);
    },
    async readBidders(org, keys) {
      if (keys.length === 0) return [];
      const values = [org, keys.map(({ kind }) => kind), keys.map(({ agentId }) => agentId)];
      return (await db.read<BidderRow>(READ_BIDDERS, values)).map(decodeBidder);
    },
    async listBidders({ org, agentId, kind, after, limit }) {
      const values = [org, agentId, kind, after?.kind ?? null, after?.agentId ?? null, limit];
      return (await db.read<BidderRow>(LIST_BIDDERS, values)).map(decodeBidder);
    },
    async forgetBidders(olderThanMs) {
      await db.write(FORGET_BIDDERS, [olderThanMs]);
    },
  };
}

function decodeAward(row: AwardRow): EndedAward {
  return {
    org: row.org,
    taskId: row.task_id,
    epoch: row.epoch,
    agentId: row.agent_id,
    kind: row.kind,
    etaMs: row.eta_ms,
    confidence: row.confidence,
    price: row.price,
    probability: row.probability,
    awardTime: row.award_time,
    outcome: (row.type !== null && ENDS[row.type]) || null,
    tookMs: Math.max(0, (row.event_time ?? row.award_time) - row.award_time),
  };
}

function decodeBidder({ org, kind, agent_id: agentId, record, update_time: updateTime }: BidderRow): Bidder {
  return { org, kind, agentId, record, updateTime };
}
