import type { LanePlace } from '../domain/explain/lane-place.js';
import { type Before, lanesBefore, MOST_COUNTED, MOST_NAMED, placeOf } from '../matching/place.js';
import { whyWaiting } from '../matching/why-waiting.js';
import type { TaskKey, Waiting } from '../ports/ready-index.js';
import type { RedisClient } from './client.js';
import type { RedisIndexOptions } from './index-options.js';
import { limitsAgainst } from './limits-against.js';
import type { OrgIndex } from './org-index.js';
import { loadScript } from './script.js';
import { type List, list } from './step.js';
import { factsIn } from './task-facts.js';

const PLACE_OF = loadScript('./scripts/place-of.lua', import.meta.url);
const AHEAD = loadScript('./scripts/ahead-in-lanes.lua', import.meta.url);

/** Where a task stands; `null`: it is in no lane. */
export async function redisPlace(
  index: OrgIndex,
  { org, taskId }: TaskKey,
  options: RedisIndexOptions,
): Promise<LanePlace | null> {
  const { picture } = index;
  const { client } = options;
  const found = await lanePlaceOf(index, taskId, client);
  if (!found) return null;
  const { lane, score, facts, part, victim } = found;
  const others = [...lanesBefore(picture.instances.groups(org), lane)];
  const asked = others.flatMap(({ band, tasks }) => [band === lane.band ? '' : '1', tasks.name]);
  const text = String(await client.run(AHEAD, org, [taskId, score, MOST_NAMED, ...asked]));
  const replies = JSON.parse(text) as readonly (readonly [number, List<string>])[];
  const before = new Map(
    replies.map(([count, first], i): [(typeof others)[number] | undefined, Before] => {
      return [others[i], { count: Math.min(count, MOST_COUNTED), tasks: scored(list(first)) }];
    }),
  );
  const task = { taskId, score: Number(score), ...factsIn(facts) };
  return placeOf(task, lane, {
    ...options,
    groups: picture.instances.groups(org),
    holds: picture.holds,
    track: picture.track,
    elsewhereUntil: null,
    victim: victim === '' ? null : victim,
    ...(await limitsAgainst(lane, part, options)),
    before: (other) => before.get(other) ?? { count: 0, tasks: [] },
  });
}

/** Why a task waits; `null`: it is in no lane. */
export async function redisWaiting(
  index: OrgIndex,
  { taskId }: TaskKey,
  options: RedisIndexOptions,
): Promise<Waiting | null> {
  const found = await lanePlaceOf(index, taskId, options.client);
  if (!found) return null;
  const { limits } = await limitsAgainst(found.lane, found.part, options);
  return whyWaiting(found.lane, index.picture.instances, limits);
}

/** The lane that a task is in, as it is now, and where it stands there. */
async function lanePlaceOf(index: OrgIndex, taskId: string, client: RedisClient) {
  await index.look();
  type Found = readonly [string, string, string, string, string];
  const found = (await client.run(PLACE_OF, index.org, [taskId])) as Found | null;
  const lane = found === null ? undefined : index.picture.laneOf(found[0]);
  if (!found || !lane) return null;
  const [, score, facts, part, victim] = found;
  return { lane, score, facts, part, victim };
}

/** Of ids and scores in turn; what their choices go by is not read. */
function scored(flat: readonly string[]): Before['tasks'] {
  return flat.flatMap((taskId, i) =>
    i % 2 === 0 ? [{ taskId, score: Number(flat[i + 1]), prefer: null }] : [],
  );
}
