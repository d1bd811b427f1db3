import { decide } from './decide.js';
import type { Plan } from './plan.js';
import { at, type Snapshot } from './snapshot.js';
import { groupDeadline } from './time.js';
import { isOver } from './workflow.js';

/**
 * How long what can be done is left to who decided it, and how long until what is open is asked again to end, in ms. Tasks
 * that end wake their workflow by themselves.
 */
export const LOOK_AGAIN_MS = 5_000;

/**
 * When a workflow is to be looked at even if nothing happens, as it stands after what was decided: soon, if there is more
 * to do; else when it, or the first of its groups, has taken too long. `null`: not.
 */
export function wakeTimeOf(plan: Plan, snapshot: Snapshot, now: number): number | null {
  const { workflow, nodes } = snapshot;
  if (isOver(workflow.state)) return null;
  if (decide(plan, snapshot, now).length > 0) return now + LOOK_AGAIN_MS;
  let first = workflow.deadline ?? Number.POSITIVE_INFINITY;
  for (const one of plan.nodes) {
    if (one.kind === 'TASK') continue;
    const deadline = groupDeadline(one, at(nodes, one.node));
    if (deadline !== null) first = Math.min(first, deadline);
  }
  return first === Number.POSITIVE_INFINITY ? null : first;
}
