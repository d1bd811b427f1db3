import type { JsonValue as Json } from '@bufbuild/protobuf';
import { fromJson } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { type AgentOptions, agent, type Bidder, createClient, TaskError, type TaskRequest } from '@reeve/sdk';
import { ConfigService } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { EmbeddedCoordinator } from '../../src/embedded.js';
import { connect } from '../api/support/grpc-client.js';
import { openEmbedded } from '../support/embedded.js';

const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

let coordinator: EmbeddedCoordinator;
beforeAll(async () => {
  coordinator = await openEmbedded();
});
afterAll(() => coordinator.stop());

let orgs = 0;

interface Bidding extends Partial<AgentOptions> {
  readonly bid?: Bidder;
  /** What it does with a task. Default: it answers its id. */
  readonly work?: () => Promise<unknown>;
}

/** An organisation of its own whose tasks are auctioned. */
async function setup(config: Readonly<Record<string, Json>> = {}) {
  const org = `auctions-${++orgs}`;
  const { address } = coordinator;
  const client = createClient({ address, org });
  const raw = connect(address);
  onTestFinished(() => {
    client.close();
    raw.client.close();
  });
  const set = async (key: string, value: Json) => {
    await raw.call(ConfigService.method.setConfig, { key, value: fromJson(ValueSchema, value) }, { org });
  };
  await set('agent_resolution_strategy', 'auction');
  for (const [key, value] of Object.entries(config)) await set(key, value);

  async function start(agentId: string, { bid, work, ...options }: Bidding = {}) {
    const it = agent({ agentId, address, org, slots: 2, log: QUIET, ...options });
    it.handle('work', async () => (work ? await work() : undefined) ?? agentId);
    if (bid) it.onBid(bid);
    await it.start();
    onTestFinished(() => it.stop({ graceMs: 100 }));
  }
  const submit = (request: Partial<TaskRequest> = {}) => client.submit({ kind: 'work', ...request });

  return {
    client,
    set,
    start,
    submit,
    run: async (request: Partial<TaskRequest> = {}) => client.wait((await submit(request)).taskId),
    /** The auctions of a task, as its trail has them. */
    async auctions(taskId: string) {
      const all: { reason: string; auction: Trail | undefined }[] = [];
      for await (const { type, reason, detail } of client.events(taskId)) {
        if (type === 'ROUTED') all.push({ reason, auction: (detail as { auction?: Trail }).auction });
      }
      return all;
    },
  };
}

interface Trail {
  readonly winner: string;
  readonly bids_are: string;
  readonly bids: readonly { readonly agent_id: string; readonly fate: string; readonly message?: string }[];
}

const LIVE = { auction_bids: 'live', auction_bid_time: '3s' };

/** Who bids so much, in the order of the trail. */
const fates = ({ bids }: Trail) => bids.map(({ agent_id, fate }) => `${agent_id} ${fate}`);

describe('live bids', () => {
  test('are asked of those that may get a task; the one that is worth most gets it', async () => {
    const { start, submit, client, auctions } = await setup(LIVE);
    await start('cheap', { bid: () => ({ price: 0.1, etaMs: 1_000, confidence: 0.8 }) });
    await start('dear', { bid: () => ({ price: 0.6, etaMs: 1_000, confidence: 0.8 }) });
    await start('unwilling', { bid: () => null });
    const { taskId } = await submit();
    expect(await client.wait(taskId)).toBe('cheap');
    const [held] = await auctions(taskId);
    expect(held?.reason).toBe('AWARDED');
    expect(held?.auction).toMatchObject({ winner: 'cheap', bids_are: 'LIVE' });
    expect(fates(held?.auction as Trail)).toEqual(['cheap COUNTED', 'dear COUNTED', 'unwilling PASSED']);
  });

  test('get the task they are asked about, and end the wait when all have come', async () => {
    const seen: unknown[] = [];
    const { start, run } = await setup({ ...LIVE, auction_bid_time: '30s' });
    const bid: Bidder = (task) => {
      seen.push(task);
      return { etaMs: 1_000, confidence: 0.5 };
    };
    await start('a', { bid });
    expect(await run({ input: { pages: 3 }, goal: 'read it', labels: { team: 'x' } })).toBe('a');
    expect(seen).toEqual([
      expect.objectContaining({ kind: 'work', input: { pages: 3 }, goal: 'read it', labels: { team: 'x' } }),
    ]);
  });

  test.each([
    ['negative', { price: -1, etaMs: 1, confidence: 0.5 }, 'price must be'],
    ['no number', { price: Number.NaN, etaMs: 1, confidence: 0.5 }, 'price must be'],
    ['too sure', { etaMs: 1, confidence: 1.5 }, 'confidence must be'],
    ['without an ETA', { etaMs: Number.NaN, confidence: 0.5 }, 'eta must be set'],
  ])('that are %s count as none, and the trail says why', async (_, bid, message) => {
    const { start, submit, client, auctions } = await setup(LIVE);
    await start('bad', { bid: () => bid });
    await start('good', { bid: () => ({ price: 0.9, etaMs: 60_000, confidence: 0.1 }) });
    const { taskId } = await submit();
    expect(await client.wait(taskId)).toBe('good');
    const [held] = await auctions(taskId);
    expect(held?.auction?.bids).toContainEqual(
      expect.objectContaining({
        agent_id: 'bad',
        fate: 'INVALID',
        message: expect.stringContaining(message),
      }),
    );
  });

  test('that do not come in time, or cannot, are told of', async () => {
    const { start, submit, client, auctions } = await setup({ ...LIVE, auction_bid_time: '200ms' });
    await start('silent', { bid: () => new Promise(() => {}) });
    await start('mute');
    await start('quick', { bid: () => ({ etaMs: 1_000, confidence: 0.5 }) });
    const { taskId } = await submit();
    expect(await client.wait(taskId)).toBe('quick');
    const [held] = await auctions(taskId);
    expect(fates(held?.auction as Trail).sort()).toEqual([
      'mute CANNOT_BID',
      'quick COUNTED',
      'silent NO_BID',
    ]);
  });

  test('with nobody who bids, the fallback decides', async () => {
    const { start, submit, client, auctions } = await setup(LIVE);
    await start('unwilling', { bid: () => null });
    const { taskId } = await submit();
    expect(await client.wait(taskId)).toBe('unwilling');
    expect((await auctions(taskId)).map(({ reason }) => reason)).toEqual(['NO_BID']);
  });
});

describe('a winner that fails', () => {
  test('is followed by the next of the auction, without another one', async () => {
    const { start, submit, client, auctions } = await setup(LIVE);
    const asked: string[] = [];
    const bidder =
      (agentId: string, price: number): Bidder =>
      () => {
        asked.push(agentId);
        return { price, etaMs: 1_000, confidence: 0.9 };
      };
    const fail = async () => {
      throw new TaskError('Broken', 'it is broken');
    };
    await start('first', { bid: bidder('first', 0.1), work: fail });
    await start('second', { bid: bidder('second', 0.2) });
    await start('third', { bid: bidder('third', 0.3) });
    const { taskId } = await submit({ retry: { initialBackoffMs: 1 } });
    expect(await client.wait(taskId)).toBe('second');
    expect((await auctions(taskId)).map(({ reason }) => reason)).toEqual(['AWARDED', 'AWARDED_NEXT: second']);
    expect(asked.sort()).toEqual(['first', 'second', 'third']);
  });
});

test('a winner that is busy has one task wait for it; the next one goes to the next best', async () => {
  const { client, start, submit, auctions } = await setup(LIVE);
  let release = () => {};
  const released = new Promise<undefined>((resolve) => {
    release = () => resolve(undefined);
  });
  await start('cheap', {
    slots: 1,
    bid: () => ({ price: 0.1, etaMs: 1_000, confidence: 0.8 }),
    work: () => released,
  });
  await start('dear', { bid: () => ({ price: 0.3, etaMs: 1_000, confidence: 0.8 }) });
  const first = await submit();
  await expect.poll(async () => (await client.get(first.taskId)).state).toBe('RUNNING');
  const second = await submit();
  await expect.poll(async () => (await auctions(second.taskId))[0]?.auction?.winner).toBe('cheap');
  const third = await submit();
  expect(await client.wait(third.taskId)).toBe('dear');
  const [held] = await auctions(third.taskId);
  expect(fates(held?.auction as Trail)).toEqual(['cheap HAS_ONE_WAITING', 'dear COUNTED']);
  release();
  expect(await client.wait(second.taskId)).toBe('cheap');
});

describe('computed bids', () => {
  test('are made by the expression of the organisation, of what is known of each candidate', async () => {
    const { start, submit, client, auctions } = await setup({
      auction_bid_expression:
        '{"price": candidate.agent_id == "b" ? 0.01 : 0.5, "eta_seconds": candidate.expected_seconds, "confidence": 0.9}',
    });
    for (const id of ['a', 'b', 'c']) await start(id);
    const { taskId } = await submit();
    expect(await client.wait(taskId)).toBe('b');
    const [held] = await auctions(taskId);
    expect(held?.auction?.bids[0]).toMatchObject({ agent_id: 'b', price: 0.01, confidence: 0.9 });
  });

  test('are ranked by the score expression, which sees what was made of them', async () => {
    const { start, run } = await setup({
      auction_bid_expression: '{"price": candidate.agent_id == "b" ? 0.01 : 0.5}',
      auction_score_expression: 'bid.expected_price + bid.probability * 0.001',
    });
    for (const id of ['b', 'c']) await start(id);
    expect(await run()).toBe('c');
  });

  test('are refused where they fail, and above the price that is paid', async () => {
    const { start, submit, client, auctions } = await setup({
      auction_bid_expression:
        '{"price": candidate.agent_id == "bad" ? dyn("much") : dyn(candidate.agent_id == "dear" ? 2.0 : 0.2)}',
      auction_max_price: 1,
    });
    for (const id of ['bad', 'dear', 'fine']) await start(id);
    const { taskId } = await submit();
    expect(await client.wait(taskId)).toBe('fine');
    const [held] = await auctions(taskId);
    expect(fates(held?.auction as Trail)).toEqual(['fine COUNTED', 'bad INVALID', 'dear OVER_PRICE']);
  });

  test('have expressions that are checked when they are set', async () => {
    const { set } = await setup();
    await expect(set('auction_bid_expression', '{"price": candidat.slots}')).rejects.toThrow(
      'unknown variable candidat',
    );
    await expect(set('auction_bid_expression', '{"price": bid.price}')).rejects.toThrow(
      'unknown variable bid',
    );
    await expect(set('auction_score_expression', 'bid.price +')).rejects.toThrow('line 1');
  });

  test('are built in without an expression', async () => {
    const { start, run } = await setup();
    await start('only');
    expect(await run()).toBe('only');
  });
});

test('an auction-input policy makes the parameters of each auction', async () => {
  const { client, start, submit, set, auctions } = await setup(LIVE);
  const cel = '{"bids": "computed", "max_price": 0.05 * task.impact, "value": 10}';
  await client.policies.put({ policyId: 'terms', kind: 'AUCTION_INPUT', cel });
  await set('auction_input_policy', 'terms');
  await start('a');
  const { taskId } = await submit({ impact: 100 });
  expect(await client.wait(taskId)).toBe('a');
  const [held] = await auctions(taskId);
  expect(held?.auction).toMatchObject({ bids_are: 'COMPUTED', max_price: 5, value: 10 });
});

test('what bidders say is held against what comes true, and counts for less the next time', async () => {
  const { client, start, submit, auctions } = await setup(LIVE);
  const fail = async () => {
    throw new TaskError('Broken', 'it is broken');
  };
  await start('boaster', { bid: () => ({ etaMs: 1_000, confidence: 0.99 }), work: fail });
  await start('modest', { bid: () => ({ etaMs: 1_000, confidence: 0.6 }) });
  const bidders = async () => {
    const all = [];
    for await (const bidder of client.agents.bidders({ kind: 'work' })) all.push(bidder);
    return all;
  };
  const boasterOf = async () => (await bidders()).find(({ agentId }) => agentId === 'boaster');
  let outcomes = 0;
  let taskId = '';
  for (;;) {
    taskId = (await submit({ retry: { initialBackoffMs: 1 } })).taskId;
    await client.wait(taskId);
    const [held] = await auctions(taskId);
    if (held?.auction?.winner === 'modest') break;
    await expect
      .poll(async () => (await boasterOf())?.outcomes ?? 0, { timeout: 20_000 })
      .toBeGreaterThan(outcomes);
    outcomes = (await boasterOf())?.outcomes ?? 0;
    expect(outcomes).toBeLessThan(15);
  }
  const boaster = await boasterOf();
  expect(boaster).toMatchObject({ successRate: 0, kind: 'work' });
  expect(boaster?.overconfidence).toBeCloseTo(0.99);
  expect(boaster?.saidBrier).toBeCloseTo(0.98, 1);
  const { auction, text } = await client.explain(taskId);
  expect(text).toMatch(/Its bid was worth 0\.\d+, before boaster with /);
  const bid = auction?.bids.find(({ agentId }) => agentId === 'boaster');
  expect(bid).toMatchObject({ confidence: 0.99, fate: 'COUNTED' });
  expect(bid?.probability).toBeLessThan(0.8);
}, 60_000);
