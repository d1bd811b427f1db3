import { statesThatAllow } from '../domain/tasks/task-state.js';
import type { TaskKey } from '../ports/ready-index.js';
import type { Ports } from './ports.js';

/** Links of a chain that are followed; of longer ones nothing is said. */
const MAX_LINKS = 32;
/** Tasks that are looked at for a link. */
const MAX_WIDTH = 256;

/**
 * What a SKIPPED task was skipped for and could be retried, so that the task is BLOCKED again:
 * tasks it depends on, or the nearest ones at the beginning of chains of skipped ones. Empty if
 * there is none, or none near enough.
 */
export async function skippedFor(
  { record }: Pick<Ports, 'record'>,
  { org, taskId }: TaskKey,
): Promise<readonly TaskKey[]> {
  const [first] = await record.getTasks(org, [taskId], 'BASIC');
  let skipped = first ? [first] : [];
  const seen = new Set<string>();
  for (let link = 0; skipped.length > 0 && link < MAX_LINKS; link++) {
    const wanted = skipped.flatMap(({ spec }) => spec.dependencies).filter(({ runAnyway }) => !runAnyway);
    const ids = [...new Set(wanted.map((to) => to.taskId))].filter((id) => !seen.has(id)).slice(0, MAX_WIDTH);
    for (const id of ids) seen.add(id);
    const found = (await record.getTasks(org, ids, 'BASIC')).flatMap((task) => task ?? []);
    const ended = found.filter(({ state }) => statesThatAllow('RETRIED').includes(state));
    if (ended.length > 0) return ended.map((task) => ({ org, taskId: task.taskId }));
    skipped = found.filter(({ state }) => state === 'SKIPPED');
  }
  return [];
}
