import type { LanePlace } from '../domain/explain/lane-place.js';
import { type Before, lanesBefore, MOST_COUNTED, MOST_NAMED, placeOf } from '../matching/place.js';
import type { TaskKey } from '../ports/ready-index.js';
import type { RedisIndexOptions } from './index-options.js';
import type { OrgIndex } from './org-index.js';
import { loadScript } from './script.js';
import { type List, list } from './step.js';

const PLACE_OF = loadScript('./scripts/place-of.lua', import.meta.url);
const AHEAD = loadScript('./scripts/ahead-in-lanes.lua', import.meta.url);

/** Where a task stands; `null`: it is in no lane. */
export async function redisPlace(
  index: OrgIndex,
  { org, taskId }: TaskKey,
  { client, ...options }: RedisIndexOptions,
): Promise<LanePlace | null> {
  const { picture } = index;
  await index.look();
  const found = (await client.run(PLACE_OF, org, [taskId])) as readonly [string, string, string] | null;
  const lane = found === null ? undefined : picture.laneOf(found[0]);
  if (!found || !lane) return null;
  const [, score, prefer] = found;
  const others = [...lanesBefore(picture.instances.groups(org), lane)];
  const asked = others.flatMap(({ band, tasks }) => [band === lane.band ? '' : '1', tasks.name]);
  const text = String(await client.run(AHEAD, org, [taskId, score, MOST_NAMED, ...asked]));
  const replies = JSON.parse(text) as readonly (readonly [number, List<string>])[];
  const before = new Map(
    replies.map(([count, first], i): [(typeof others)[number] | undefined, Before] => {
      return [others[i], { count: Math.min(count, MOST_COUNTED), taskIds: list(first) }];
    }),
  );
  const task = { taskId, score: Number(score), prefer: prefer === '' ? null : JSON.parse(prefer) };
  return placeOf(task, lane, {
    ...options,
    groups: picture.instances.groups(org),
    holds: picture.holds,
    elsewhereUntil: null,
    before: (other) => before.get(other) ?? { count: 0, taskIds: [] },
  });
}
