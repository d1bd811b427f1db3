import { type Ineligibility, ineligibilities, mainly } from '../domain/agents/eligibility.js';
import type { Waiting } from '../ports/ready-index.js';
import type { InstanceState } from './instance-state.js';
import type { Group, Lane } from './lanes.js';

/** Of more nothing is counted: it is only to be told to a person. */
const MAX_LOOKED_AT = 1_000;

/**
 * Why the tasks of a lane wait.
 *
 * @param connected instances of its organisation
 * @param minHealth the threshold for tasks that name none
 */
export function whyWaiting(
  { held, group }: Pick<Lane, 'held' | 'group'>,
  connected: ReadonlySet<InstanceState>,
  minHealth: number,
): Waiting {
  const { eligible, free } = group;
  const counts = { connected: connected.size, eligible: eligible.size, full: 0, against: [] };
  if (held) return { why: 'PAUSED', ...counts };
  if (connected.size === 0) return { why: 'NO_AGENT', ...counts };
  if (eligible.size === 0) {
    return { why: 'NO_ELIGIBLE_AGENT', ...counts, against: whatIsAgainst(group, connected, minHealth) };
  }
  if (free.size > 0) return { why: 'IN_TURN', ...counts };
  let full = 0;
  let heldBack = false;
  for (const { granted, assigned, inFlight, slots } of eligible) {
    if (granted > assigned) heldBack = true;
    if (inFlight >= slots) full += 1;
  }
  return { why: heldBack ? 'HELD_BACK' : 'ALL_BUSY', ...counts, full };
}

function whatIsAgainst(
  { requirements }: Group,
  connected: Iterable<InstanceState>,
  minHealth: number,
): Waiting['against'] {
  const counts = new Map<Ineligibility, number>();
  let looked = 0;
  for (const { spec, agent } of connected) {
    if (looked++ === MAX_LOOKED_AT) break;
    const what = mainly(ineligibilities(spec, agent.condition, requirements, minHealth));
    if (what) counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].map(([what, count]) => ({ what, count })).sort((a, b) => b.count - a.count);
}
