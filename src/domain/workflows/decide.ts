import { completingSteps } from './completing.js';
import type { Plan } from './plan.js';
import { outOfTime, processingSteps } from './processing.js';
import type { Snapshot } from './snapshot.js';
import { STEP_LIMITS, type Step, type StepLimits } from './steps.js';
import { isOver } from './workflow.js';

/**
 * What is next: INITIALIZING → RESOLVING → PROCESSING → COMPLETING → its end. Nothing: it is over, or waits for its
 * tasks, for a person, or for `wakeTimeOf`. What has begun is not begun again; the same snapshot leads to the same steps.
 */
export function decide(
  plan: Plan,
  snapshot: Snapshot,
  now: number,
  limits: StepLimits = STEP_LIMITS,
): readonly Step[] {
  const { workflow } = snapshot;
  if (isOver(workflow.state)) return [];
  if (workflow.state === 'COMPLETING') return completingSteps(plan, snapshot);
  if (workflow.state === 'PROCESSING') return processingSteps(plan, snapshot, now, limits);
  if (workflow.deadline !== null && workflow.deadline <= now) return [outOfTime()];
  return [{ kind: 'ENTER', state: workflow.state === 'INITIALIZING' ? 'RESOLVING' : 'PROCESSING' }];
}
