import { type Ineligibility, mainly } from '../domain/agents/eligibility.js';
import type { FullLimit } from '../domain/limits/full-limit.js';
import type { Waiting } from '../ports/ready-index.js';
import type { Instances } from './instances.js';
import type { Group, Lane, LaneTasks } from './lanes.js';

/** Of more nothing is counted: it is only to be told to a person. */
const MAX_LOOKED_AT = 1_000;

/** Why the tasks of a lane wait. @param limits that have no room for the one that is asked for */
export function whyWaiting<Tasks extends LaneTasks>(
  { held, group }: Pick<Lane<Tasks>, 'held' | 'group'>,
  instances: Pick<Instances<Tasks>, 'connected' | 'against'>,
  limits: readonly FullLimit[] = [],
): Waiting {
  const connected = instances.connected(group.org);
  const { eligible, free } = group;
  const counts = { connected: connected.size, eligible: eligible.size, full: 0, against: [] };
  if (held) return { why: 'PAUSED', ...counts };
  if (connected.size === 0) return { why: 'NO_AGENT', ...counts };
  if (eligible.size === 0) {
    return { why: 'NO_ELIGIBLE_AGENT', ...counts, against: whatIsAgainst(group, instances) };
  }
  if (limits.length > 0) return { why: 'LIMIT', limits, ...counts };
  if (free.size > 0) return { why: 'IN_TURN', ...counts };
  let full = 0;
  let heldBack = false;
  for (const { granted, assigned, inFlight, slots } of eligible) {
    if (granted > assigned) heldBack = true;
    if (inFlight >= slots) full += 1;
  }
  return { why: heldBack ? 'HELD_BACK' : 'ALL_BUSY', ...counts, full };
}

function whatIsAgainst<Tasks extends LaneTasks>(
  { org, requirements }: Group<Tasks>,
  instances: Pick<Instances<Tasks>, 'connected' | 'against'>,
): Waiting['against'] {
  const counts = new Map<Ineligibility, number>();
  let looked = 0;
  for (const state of instances.connected(org)) {
    if (looked++ === MAX_LOOKED_AT) break;
    const what = mainly(instances.against(state, requirements));
    if (what) counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].map(([what, count]) => ({ what, count })).sort((a, b) => b.count - a.count);
}
