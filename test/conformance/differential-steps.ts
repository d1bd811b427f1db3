import fc from 'fast-check';
import { DEFAULT_RETRY } from '../../src/domain/tasks/retry.js';
import type { AttemptOutcome, Task } from '../../src/domain/tasks/task.js';
import type { NewTask, TaskRecord } from '../../src/ports/task-record.js';
import { resultOf } from './task-record-world.js';

export const HOUR_MS = 3_600_000;
export const AGENTS = ['agent-1', 'agent-2'] as const;
export const CALLS = ['call-1', 'call-2'] as const;
const TASKS = 4;

/** What a step may look at: the tasks as they are, the same on both records. */
export interface Known {
  readonly org: string;
  readonly ids: readonly string[];
  readonly tasks: readonly (Task | null)[];
  newId(): string;
  resultId(n: number): string;
  now(): number;
}

/** One call, bound to the tasks as they are; to be made on either record. */
export type Call = (record: TaskRecord, elapse: (ms: number) => Promise<void>) => Promise<unknown>;
export interface Step {
  readonly name: string;
  bind(known: Known): Call;
}

// Either over at once or hours ahead, so that the time a test takes makes no difference.
const span = fc.constantFrom(0, HOUR_MS, HOUR_MS, 3 * HOUR_MS);
const task = fc.nat(TASKS - 1);
const agent = fc.constantFrom(...AGENTS);
const reason = fc.constantFrom('', 'because');
const call = fc.constantFrom(null, null, ...CALLS);
/** Which claim of a task: mostly the current one. */
const claim = fc.record({ task, epoch: fc.constantFrom(0, 0, 0, 0, -1, 1), stranger: fc.nat(4) });
type Which = { readonly task: number; readonly epoch: number; readonly stranger: number };

const keyOf = ({ org, ids }: Known, n: number) => ({
  org,
  taskId: ids[n] ?? '00000000-0000-7000-8000-000000000000',
});
const claimOf = (known: Known, { task: n, epoch, stranger }: Which) => {
  const held = known.tasks[n];
  const agentId = stranger === 0 ? 'agent-2' : (held?.agentId ?? 'agent-1');
  return { ...keyOf(known, n), epoch: (held?.epoch ?? 0) + epoch, agentId };
};

/** A step with one to three items, each made from what was generated. */
function batch<T, Item>(
  name: string,
  items: fc.Arbitrary<T>,
  bind: (known: Known, generated: T) => Item,
  run: (record: TaskRecord, items: readonly Item[]) => Promise<unknown>,
): fc.Arbitrary<Step> {
  return fc.array(items, { minLength: 1, maxLength: 3 }).map((generated) => ({
    name: `${name} ${JSON.stringify(generated)}`,
    [fc.toStringMethod]: () => name,
    bind(known) {
      const bound = generated.map((one) => bind(known, one));
      return (record) => run(record, bound);
    },
  }));
}

const submit = batch(
  'submit',
  fc.record({
    parent: fc.constantFrom(null, null, null, 0, 1, TASKS),
    request: fc.constantFrom(null, null, 'r1', 'r2'),
    hash: fc.constantFrom(1, 1, 1, 2),
    runIn: fc.constantFrom(null, null, -HOUR_MS, 2 * HOUR_MS),
    claim: fc.constantFrom(null, null, { agentId: 'agent-1', acceptWithinMs: HOUR_MS, requestId: 'call-1' }),
    attemptTimeoutMs: fc.constantFrom(null, 0, HOUR_MS),
    human: fc.boolean(),
    broken: fc.constantFrom(false, false, false, false, true),
  }),
  (known, one): NewTask => {
    const createTime = known.now();
    return {
      org: known.org,
      taskId: known.newId(),
      spec: {
        kind: 'a',
        tier: 'HIGH',
        source: one.human ? 'HUMAN' : 'AGENT',
        labels: { l: one.broken ? 'NUL \0' : 'v' },
        goal: '',
        intent: '',
        submitterSubjectId: 'alice',
        jobSpaceId: '',
        parentTaskId: one.parent === null ? null : keyOf(known, one.parent).taskId,
        requirements: {
          agentType: 'WORKER',
          capabilities: ['a'],
          services: [],
          tags: [],
          region: null,
          minHealth: 0.5,
          agentId: null,
          prefer: null,
        },
        retry: DEFAULT_RETRY,
        attemptTimeoutMs: one.attemptTimeoutMs,
        runAt: null,
        body: new Uint8Array([1, 2, 3]),
      },
      createTime,
      runTime: one.runIn === null || one.claim ? null : createTime + one.runIn,
      score: 42,
      request: one.request && { requestId: one.request, bodyHash: new Uint8Array(32).fill(one.hash) },
      actor: 'alice',
      claim: one.claim,
    };
  },
  (record, items) => record.submitTasks(items),
);

const claimTasks = batch(
  'claim',
  fc.record({ task, agentId: agent, acceptWithinMs: span, requestId: call }),
  (known, { task: n, ...rest }) => ({ ...keyOf(known, n), ...rest }),
  (record, items) => record.claimTasks(items),
);

const leased = fc.record({ claim, leaseMs: span });
const accept = batch(
  'accept',
  leased,
  (known, one) => ({ ...claimOf(known, one.claim), leaseMs: one.leaseMs }),
  (record, items) => record.acceptTasks(items),
);
const renew = batch(
  'renew',
  leased,
  (known, one) => ({ ...claimOf(known, one.claim), leaseMs: one.leaseMs }),
  (record, items) => record.renewLeases(items),
);

const giveBack = batch(
  'return',
  fc.record({ claim, anybody: fc.boolean(), to: fc.constantFrom('QUEUED', 'QUEUED', 'DEAD_LETTER'), reason }),
  (known, { claim: which, anybody, to, reason: why }) => {
    const mine = claimOf(known, which);
    return { ...mine, agentId: anybody ? null : mine.agentId, to, reason: why };
  },
  (record, items) => record.returnTasks(items),
);

const failedTo = fc.constantFrom('SCHEDULED', 'SCHEDULED', 'FAILED', 'DEAD_LETTER');
const settle = batch(
  'settle',
  fc.record({
    claim,
    outcome: fc.constantFrom<AttemptOutcome>('SUCCEEDED', 'FAILED', 'CANCELLED'),
    resultId: fc.nat(1),
    to: failedTo,
    delayMs: span,
  }),
  (known, { claim: which, outcome, resultId, to, delayMs }) => ({
    ...claimOf(known, which),
    resultId: known.resultId(resultId),
    result: resultOf(outcome),
    afterFailure: { to, delayMs },
  }),
  (record, items) => record.settleTasks(items),
);

const expire = batch(
  'expire',
  fc.record({
    claim,
    cause: fc.constantFrom('LEASE_EXPIRED', 'LEASE_EXPIRED', 'ATTEMPT_TIMED_OUT'),
    to: fc.constantFrom('SCHEDULED', 'DEAD_LETTER'),
    delayMs: span,
    afterReturn: fc.constantFrom('QUEUED', 'QUEUED', 'DEAD_LETTER'),
  }),
  (known, { claim: which, cause, to, delayMs, afterReturn }) => {
    return { ...claimOf(known, which), cause, afterFailure: { to, delayMs }, afterReturn };
  },
  (record, items) => record.expireLeases(items),
);

const cancel = batch(
  'cancel',
  fc.record({ task, graceMs: span, reason }),
  (known, { task: n, ...rest }) => ({ ...keyOf(known, n), ...rest, actor: 'bob' }),
  (record, items) => record.cancelTasks(items),
);
const retry = batch(
  'retry',
  fc.record({ task, reason }),
  (known, one) => ({ ...keyOf(known, one.task), reason: one.reason, actor: 'bob' }),
  (record, items) => record.retryTasks(items),
);
const promote = batch('promote', task, keyOf, (record, items) => record.promoteTasks(items));

const elapse = fc.constant<Step>({
  name: 'two hours go by',
  bind: () => (_record, go) => go(2 * HOUR_MS),
});
const forget = fc.constant<Step>({
  name: 'forget the names of calls of an hour ago',
  bind: () => (record) => record.forgetLeaseRequests(HOUR_MS),
});

export const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: submit },
    { weight: 5, arbitrary: claimTasks },
    { weight: 4, arbitrary: accept },
    { weight: 2, arbitrary: renew },
    { weight: 2, arbitrary: giveBack },
    { weight: 4, arbitrary: settle },
    { weight: 4, arbitrary: expire },
    { weight: 2, arbitrary: cancel },
    { weight: 2, arbitrary: retry },
    { weight: 4, arbitrary: promote },
    { weight: 2, arbitrary: elapse },
    { weight: 1, arbitrary: forget },
  ),
  { minLength: 10, maxLength: 30, size: 'max' },
);
