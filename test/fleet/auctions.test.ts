import type { JsonValue } from '@bufbuild/protobuf';
import { fromJson } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { agent, type Bidder, createClient } from '@reeve/sdk';
import { ConfigService } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { connect } from '../api/support/grpc-client.js';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';

const TIMEOUT_MS = 120_000;
const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

let fleet: FleetProcess;
beforeAll(async () => {
  fleet = await startFleet();
}, TIMEOUT_MS);
afterAll(() => fleet.stop());

let orgs = 0;

/** An organisation whose tasks are auctioned live; its agents answer with their ids. */
async function setup() {
  const org = `auctions-${++orgs}`;
  const clients = fleet.addresses.map((address) => createClient({ address, org }));
  const raw = connect(fleet.addresses[0] ?? '');
  onTestFinished(() => {
    for (const client of clients) client.close();
    raw.client.close();
  });
  const set = async (key: string, value: JsonValue) => {
    await raw.call(ConfigService.method.setConfig, { key, value: fromJson(ValueSchema, value) }, { org });
  };
  await set('agent_resolution_strategy', 'auction');
  await set('auction_bids', 'live');
  await set('auction_bid_time', '5s');
  async function start(agentId: string, at: number, bid: Bidder) {
    const it = agent({ agentId, address: fleet.addresses[at] ?? '', org, slots: 2, log: QUIET });
    it.handle('work', async () => agentId);
    it.onBid(bid);
    await it.start();
    onTestFinished(() => it.stop({ graceMs: 100 }));
  }
  return { clients, start };
}

test('agents bid on whichever coordinator they are, and the best gets the task wherever it was submitted', async () => {
  const { clients, start } = await setup();
  await start('near', 0, () => ({ price: 0.4, etaMs: 1_000, confidence: 0.8 }));
  await start('far', 1, () => ({ price: 0.1, etaMs: 1_000, confidence: 0.8 }));
  for (const client of clients) {
    // The other coordinator's agents are known within a second.
    await expect
      .poll(
        async () => {
          const { taskId } = await client.submit({ kind: 'work' });
          expect(['near', 'far']).toContain(await client.wait(taskId));
          const { auction } = await client.explain(taskId);
          return auction?.bids.map(({ agentId, fate }) => `${agentId} ${fate}`);
        },
        { timeout: 20_000 },
      )
      .toEqual(['far COUNTED', 'near COUNTED']);
    const { taskId } = await client.submit({ kind: 'work' });
    expect(await client.wait(taskId)).toBe('far');
  }
}, 60_000);

test('what bidders are worth is seen on every coordinator', async () => {
  const { clients, start } = await setup();
  await start('one', 0, () => ({ etaMs: 1_000, confidence: 0.7 }));
  const [first, second] = clients;
  if (!first || !second) throw new Error('there are two');
  await first.wait((await first.submit({ kind: 'work' })).taskId);
  await expect
    .poll(
      async () => {
        const all: string[] = [];
        for await (const { agentId, kind, successRate } of second.agents.bidders())
          all.push(`${agentId}/${kind} ${successRate}`);
        return all;
      },
      { timeout: 20_000 },
    )
    .toEqual(['/ 1', 'one/ 1', 'one/work 1']);
}, 60_000);
