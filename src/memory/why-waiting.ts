import type { Waiting } from '../ports/ready-index.js';
import type { Group } from './lanes.js';

/** Why the tasks of a group wait. @param connected instances of its organisation */
export function whyWaiting({ eligible, free }: Pick<Group, 'eligible' | 'free'>, connected: number): Waiting {
  const counts = { connected, eligible: eligible.size };
  if (connected === 0) return { why: 'NO_AGENT', ...counts };
  if (eligible.size === 0) return { why: 'NO_ELIGIBLE_AGENT', ...counts };
  if (free.size > 0) return { why: 'IN_TURN', ...counts };
  const heldBack = [...eligible].some(({ granted, assigned }) => granted > assigned);
  return { why: heldBack ? 'HELD_BACK' : 'ALL_BUSY', ...counts };
}
