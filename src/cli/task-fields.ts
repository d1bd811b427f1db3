import type { TaskRequest } from '@reeve/sdk';
import { usageError } from './failure.js';

const FIELDS: Readonly<Record<keyof TaskRequest, true>> = {
  kind: true,
  input: true,
  tier: true,
  source: true,
  labels: true,
  goal: true,
  intent: true,
  requirements: true,
  retry: true,
  attemptTimeoutMs: true,
  runAt: true,
  deadline: true,
  dependsOn: true,
  parentTaskId: true,
  submitterSubjectId: true,
  jobSpaceId: true,
  requestId: true,
  assignWaitMs: true,
  requireCandidate: true,
  policies: true,
  routing: true,
  urgency: true,
  impact: true,
  priority: true,
  limitKeys: true,
  fairnessKey: true,
  affinityKey: true,
};

/** @throws a usage error for a field that no task has, as a misspelt one would be left out without a word */
export function requireTaskFields(task: object, name: string): void {
  const unknown = Object.keys(task).find((field) => !Object.hasOwn(FIELDS, field));
  if (unknown === undefined) return;
  throw usageError(
    `${name}: ${unknown} is no field of a task`,
    `There are ${Object.keys(FIELDS).join(', ')}.`,
  );
}
