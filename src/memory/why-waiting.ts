import type { Waiting } from '../ports/ready-index.js';
import type { Lane } from './lanes.js';

/** Why the tasks of a lane wait. @param connected instances of its organisation */
export function whyWaiting({ held, group }: Pick<Lane, 'held' | 'group'>, connected: number): Waiting {
  const { eligible, free } = group;
  const counts = { connected, eligible: eligible.size };
  if (held) return { why: 'PAUSED', ...counts };
  if (connected === 0) return { why: 'NO_AGENT', ...counts };
  if (eligible.size === 0) return { why: 'NO_ELIGIBLE_AGENT', ...counts };
  if (free.size > 0) return { why: 'IN_TURN', ...counts };
  const heldBack = [...eligible].some(({ granted, assigned }) => granted > assigned);
  return { why: heldBack ? 'HELD_BACK' : 'ALL_BUSY', ...counts };
}
