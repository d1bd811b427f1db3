import type { QueuePart } from '../domain/queues/queue-part.js';
import { TIERS, type Tier } from '../domain/tasks/tier.js';
import { byBandAndScore } from '../matching/lanes.js';
import { lanesOf, queueSizes as sizesOf } from '../matching/queue-sizes.js';
import { rateOf } from '../matching/rates.js';
import { MAX_LOOKS, waitingSince } from '../matching/waiting-since.js';
import type { Clock } from '../ports/clock.js';
import type {
  HeadStarts,
  IndexStats,
  PeekedTask,
  QueueRates,
  QueueSizes,
  StandBack,
} from '../ports/ready-index.js';
import type { RedisClient } from './client.js';
import type { OrgIndex } from './org-index.js';
import type { KnownLane } from './picture.js';
import { loadScript } from './script.js';
import { type List, list } from './step.js';

const COUNTS = loadScript('./scripts/counts.lua', import.meta.url);
const FIRST = loadScript('./scripts/first-of-lanes.lua', import.meta.url);

interface World {
  readonly client: RedisClient;
  readonly clock: Clock;
  readonly ownTime?: boolean;
}

interface OrgCounts {
  readonly now: number;
  readonly held: number;
  readonly delayed: List<number>;
  /** By tier and kind, a blank between them. */
  readonly reserved: Readonly<Record<string, number>>;
  /** Buckets: when, and counts by tier and move. */
  readonly meter: readonly (readonly [number, List<string>])[];
  /** First moves by tier. */
  readonly metered: List<string>;
  readonly totals: List<string>;
}

/** How much is where, of organisations whose pictures are up to date. */
export async function indexStats(indexes: readonly OrgIndex[], world: World): Promise<IndexStats> {
  const perTier = Object.fromEntries(TIERS.map((tier) => [tier, 0])) as Record<Tier, number>;
  const sum = { queued: 0, delayed: 0, reserved: 0, lanes: 0, parkedLanes: 0, instances: 0, inFlight: 0 };
  for (const { org, picture } of indexes) {
    for (const lane of lanesOf(picture.instances.groups(org), { tier: null, kind: null })) {
      sum.queued += lane.tasks.size;
      perTier[lane.tier] += lane.tasks.size;
      sum.lanes += 1;
      if (lane.held || lane.group.free.size === 0 || lane.tasks.nothingMayGo) sum.parkedLanes += 1;
    }
    sum.instances += picture.instances.size;
    const counts = await countsOf(org, world);
    sum.inFlight += counts.held;
    for (const delayed of list(counts.delayed)) sum.delayed += delayed;
    for (const reserved of Object.values(counts.reserved)) sum.reserved += reserved;
  }
  return { ...sum, perTier };
}

/** Sizes of a part of the queues. @param org `null`: `indexes` are of all */
export async function queueSizes(
  indexes: readonly OrgIndex[],
  org: string | null,
  part: QueuePart,
  world: World & { readonly headStarts: HeadStarts; readonly standBack: StandBack | undefined },
): Promise<QueueSizes> {
  const counts = new Map<string, OrgCounts>();
  for (const index of indexes) counts.set(index.org, await countsOf(index.org, world));
  const all = [...counts.values()];
  const groups = indexes.flatMap((index) => [...index.picture.instances.groups(index.org)]);
  const lanes = [...lanesOf(groups, part)];
  const first = new Map<KnownLane, readonly Scored[]>();
  for (const index of indexes) {
    const own = lanes.filter((lane) => lane.group.org === index.org);
    for (const [lane, tasks] of await firstOf(index.org, own, MAX_LOOKS, world.client))
      first.set(lane, tasks);
  }
  return sizesOf(org, part, {
    ...{ groups, headStarts: world.headStarts, standBack: world.standBack },
    delayed: (tier) => all.reduce((n, { delayed }) => n + (list(delayed)[TIERS.indexOf(tier)] ?? 0), 0),
    reserved: (of, tier, kind) =>
      (of === null ? all : [counts.get(of)]).reduce((n, c) => n + (c ? reservedOf(c, tier, kind) : 0), 0),
    rates: (tier) => sumOf(all, (c, move) => rateIn(c, tier, move)),
    totals: (tier) => sumOf(all, (c, move) => Number(fieldsOf(c.totals).get(`${tier}:${move}`) ?? 0)),
    since: (lane, headStartMs) => waitingSince(lane.tasks.peek(), headStartMs, () => first.get(lane) ?? []),
  });
}

/** The next tasks of a part of the queue in their order, those that nobody could take now among them. */
export async function peekQueue(
  { org, picture }: OrgIndex,
  part: QueuePart,
  max: number,
  client: RedisClient,
): Promise<readonly PeekedTask[]> {
  const lanes = [...lanesOf(picture.instances.groups(org), part)];
  const first = await firstOf(org, lanes, max, client);
  return first
    .flatMap(([lane, tasks]) => tasks.map((task) => ({ ...task, band: lane.band, lane })))
    .sort(byBandAndScore)
    .slice(0, max)
    .map(({ taskId, lane }) => ({ taskId, held: lane.held, hasFreeAgent: lane.group.free.size > 0 }));
}

interface Scored {
  readonly taskId: string;
  readonly score: number;
}

async function firstOf(
  org: string,
  lanes: readonly KnownLane[],
  max: number,
  client: RedisClient,
): Promise<readonly (readonly [KnownLane, readonly Scored[]])[]> {
  if (lanes.length === 0) return [];
  const text = String(await client.run(FIRST, org, [max, ...lanes.map(({ tasks }) => tasks.name)]));
  const replies = JSON.parse(text) as readonly (readonly [string, List<string>])[];
  return replies.map(([, flat], i) => {
    const tasks: Scored[] = [];
    const values = list(flat);
    for (let at = 0; at < values.length; at += 2) {
      tasks.push({ taskId: values[at] as string, score: Number(values[at + 1]) });
    }
    return [lanes[i] as KnownLane, tasks] as const;
  });
}

async function countsOf(org: string, { client, clock, ownTime }: World): Promise<OrgCounts> {
  const now = ownTime ? clock.now() : '';
  return JSON.parse(String(await client.run(COUNTS, org, [now, ...TIERS]))) as OrgCounts;
}

function reservedOf({ reserved }: OrgCounts, tier: Tier, kind: string | null): number {
  let count = 0;
  for (const [name, n] of Object.entries(reserved)) {
    if (kind === null ? name.startsWith(`${tier} `) : name === `${tier} ${kind}`) count += n;
  }
  return count;
}

function rateIn({ meter, metered, now }: OrgCounts, tier: Tier, move: keyof QueueRates): number {
  const since = fieldsOf(metered).get(tier);
  if (since === undefined) return 0;
  const buckets = meter.map(([at, counts]) => ({
    at,
    count: Number(fieldsOf(counts).get(`${tier}:${move}`) ?? 0),
  }));
  return rateOf(buckets, Number(since), now);
}

function sumOf(
  all: readonly OrgCounts[],
  of: (counts: OrgCounts, move: keyof QueueRates) => number,
): QueueRates {
  const sum = (move: keyof QueueRates) => all.reduce((n, counts) => n + of(counts, move), 0);
  return { entered: sum('entered'), claimed: sum('claimed'), ended: sum('ended') };
}

function fieldsOf(flat: List<string>): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  const values = list(flat);
  for (let at = 0; at < values.length; at += 2) fields.set(values[at] as string, values[at + 1] as string);
  return fields;
}
