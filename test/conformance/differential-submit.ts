import fc from 'fast-check';
import type { NewDecision } from '../../src/domain/policies/decision.js';
import { policyTaskOf } from '../../src/domain/policies/policy-task.js';
import { questionOf } from '../../src/domain/policies/question.js';
import type { Admission, Verdict } from '../../src/domain/tasks/admission.js';
import { DEFAULT_RETRY } from '../../src/domain/tasks/retry.js';
import { NO_TERMS } from '../../src/domain/tasks/terms.js';
import type { NewTask } from '../../src/ports/task-record.js';
import { plainRequirements, plainSpec } from '../support/plain-task.js';
import { at, batch, HOUR_MS, TASKS } from './differential-known.js';

const DECISION: NewDecision = {
  by: { kind: 'APPROVAL', policyId: 'p', version: 3 },
  question: questionOf({
    task: policyTaskOf({ taskId: 't', spec: plainSpec('a'), terms: NO_TERMS, createTime: 1 }),
    org: {},
    now: 1,
  }),
  output: { accepted: true, reason: null },
  failure: null,
  message: '',
  tookMs: 0.25,
};
export const REQUIREMENTS = plainRequirements(['a'], { agentType: 'WORKER', minHealth: 0.5 });

/** What waits for what: mostly among the first few tasks, so that there are chains. */
type Named = { readonly on: number; readonly runAnyway: boolean };
const dependencies: fc.Arbitrary<Named[]> = fc.uniqueArray(
  fc.record({ on: fc.nat(TASKS - 1), runAnyway: fc.constantFrom(false, false, true) }),
  {
    maxLength: 3,
    selector: ({ on }) => on,
  },
);
export const deadline = fc.constantFrom(null, null, null, -HOUR_MS, 3 * HOUR_MS);
export const headStartMs = fc.constantFrom(-4 * HOUR_MS, 0, 6 * HOUR_MS, 24 * HOUR_MS);

/** What a person is asked, due at once or hours ahead. */
const asked = fc.record({
  dueIn: fc.constantFrom(-HOUR_MS, HOUR_MS, 3 * HOUR_MS),
  defaultVerdict: fc.constantFrom<Verdict>('APPROVE', 'REJECT'),
});
const admission = fc.oneof(
  { weight: 6, arbitrary: fc.constant<'ACCEPTED'>('ACCEPTED') },
  { weight: 1, arbitrary: fc.constant<'REJECTED'>('REJECTED') },
  { weight: 3, arbitrary: asked },
);
function admissionOf(
  one: 'ACCEPTED' | 'REJECTED' | { dueIn: number; defaultVerdict: Verdict },
  now: number,
): Admission {
  if (one === 'ACCEPTED') return { kind: one };
  if (one === 'REJECTED') return { kind: one, reason: 'too dear' };
  const { dueIn, defaultVerdict } = one;
  const policy = { policyId: 'p', policyVersion: 3 };
  return { kind: 'AWAITING_APPROVAL', reason: 'ask', ...policy, dueTime: now + dueIn, defaultVerdict };
}

export const submit = batch(
  'submit',
  fc.record({
    parent: fc.constantFrom(null, null, null, 0, 1, TASKS),
    request: fc.constantFrom(null, null, 'r1', 'r2'),
    hash: fc.constantFrom(1, 1, 1, 2),
    runIn: fc.constantFrom(null, null, -HOUR_MS, 2 * HOUR_MS),
    claim: fc.constantFrom(null, null, { agentId: 'agent-1', acceptWithinMs: HOUR_MS, requestId: 'call-1' }),
    attemptTimeoutMs: fc.constantFrom(null, 0, HOUR_MS),
    human: fc.boolean(),
    dependencies: fc.oneof(fc.constant<Named[]>([]), dependencies),
    unknown: fc.nat(9),
    deadline,
    headStartMs,
    admission,
    decides: fc.boolean(),
    broken: fc.constantFrom(false, false, false, false, true),
  }),
  (known, one): NewTask => {
    const createTime = known.now();
    const named = one.dependencies.flatMap(({ on, runAnyway }) => {
      // Of what is not there yet little is asked: few would be accepted.
      return known.ids[on] === undefined && one.unknown > 0 ? [] : [{ ...at(known, on), runAnyway }];
    });
    const waits = named.length > 0;
    // Where one is refused, the others go in statements of their own; those that urge others do not share a batch with it.
    const broken = one.broken && !waits;
    const claimed = waits || one.admission !== 'ACCEPTED' ? null : one.claim;
    // Which of two statements of one call comes first is not settled, so what is judged has names of its own.
    const statement = one.admission === 'ACCEPTED' ? 'accepted' : 'judged';
    const runTime = one.runIn === null || claimed ? null : createTime + one.runIn;
    return {
      org: known.org,
      taskId: known.newId(),
      spec: {
        kind: 'a',
        tier: 'HIGH',
        source: one.human ? 'HUMAN' : 'AGENT',
        labels: { l: broken ? 'NUL \0' : 'v' },
        goal: '',
        intent: '',
        submitterSubjectId: 'alice',
        jobSpaceId: '',
        parentTaskId: one.parent === null ? null : at(known, one.parent).taskId,
        requirements: REQUIREMENTS,
        retry: DEFAULT_RETRY,
        attemptTimeoutMs: one.attemptTimeoutMs,
        runAt: runTime,
        deadline: one.deadline === null ? null : createTime + one.deadline,
        dependencies: named.map(({ taskId, runAnyway }) => ({ taskId, runAnyway })),
        body: new Uint8Array([1, 2, 3]),
      },
      createTime,
      runTime,
      score: (runTime ?? createTime) - one.headStartMs,
      headStartMs: one.headStartMs,
      request: one.request && {
        requestId: `${one.request} ${statement}`,
        bodyHash: new Uint8Array(32).fill(one.hash),
      },
      actor: 'alice',
      claim: claimed,
      admission: admissionOf(one.admission, createTime),
      ...(one.decides && { decisions: [DECISION] }),
    };
  },
  (record, items) => record.submitTasks(items),
);
