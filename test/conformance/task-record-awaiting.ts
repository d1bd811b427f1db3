import type { Admission } from '../../src/domain/tasks/admission.js';
import type { TaskSpec } from '../../src/domain/tasks/task.js';
import type { DecideRequest, NewTask } from '../../src/ports/task-record.js';
import type { World } from './task-record-world.js';

export const HOUR = 3_600_000;

/** What a person is asked, with an hour's time. */
export function asks(over: Partial<Extract<Admission, { kind: 'AWAITING_APPROVAL' }>> = {}): Admission {
  return {
    kind: 'AWAITING_APPROVAL',
    reason: 'it is dear',
    policyId: 'spending',
    policyVersion: 7,
    dueTime: Date.now() + HOUR,
    defaultVerdict: 'REJECT',
    ...over,
  };
}

/** Submits one that waits for a person. */
export const awaiting = (w: World, spec: Partial<TaskSpec> = {}, rest: Partial<NewTask> = {}) =>
  w.submit(spec, { admission: asks(), ...rest });

/** A word on it, dora's approval unless said otherwise. */
export async function decide(w: World, taskId: string, over: Partial<DecideRequest> = {}) {
  const request = { org: w.org, taskId, verdict: 'APPROVE', reason: 'fine', approver: 'dora' } as const;
  const [outcome] = await w.record.decideTasks([{ ...request, ...over }]);
  return outcome;
}

/** What is still asked. */
export const open = (w: World) => w.record.listApprovals({ org: w.org, all: false, after: null, limit: 100 });
/** What was ever asked. */
export const all = (w: World) => w.record.listApprovals({ org: w.org, all: true, after: null, limit: 100 });
