import type { SkipRequest, UpdateOutcome } from '../ports/task-record.js';
import { applyChanges } from './apply-changes.js';
import type { Ports } from './ports.js';

/** Ends tasks that wait for an agent and are not to be done after all; what depends on them moves on. */
export async function skipTasks(
  ports: Ports,
  requests: readonly SkipRequest[],
): Promise<readonly UpdateOutcome[]> {
  if (requests.length === 0) return [];
  const outcomes = await ports.record.skipTasks(requests);
  const changed = outcomes.flatMap((outcome) => (outcome.kind === 'OK' ? [outcome] : []));
  await ports.index.remove(changed.map(({ change }) => change));
  await applyChanges(ports, changed);
  return outcomes;
}
