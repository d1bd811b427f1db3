import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import type { Lease } from '../../../src/domain/tasks/lease.js';
import type { AttemptOutcome } from '../../../src/domain/tasks/task.js';
import type { TaskState } from '../../../src/domain/tasks/task-state.js';
import type { NewTask, UpdateRequest } from '../../../src/ports/task-record.js';
import type { Database } from '../../../src/postgres/database.js';
import { acceptTasks } from '../../../src/postgres/tasks/accept-tasks.js';
import { cancelTasks } from '../../../src/postgres/tasks/cancel-tasks.js';
import { claimTasks } from '../../../src/postgres/tasks/claim-tasks.js';
import { expireLeases } from '../../../src/postgres/tasks/expire-leases.js';
import { promoteTasks } from '../../../src/postgres/tasks/promote-tasks.js';
import { renewLeases } from '../../../src/postgres/tasks/renew-leases.js';
import { retryTasks } from '../../../src/postgres/tasks/retry-tasks.js';
import { returnTasks } from '../../../src/postgres/tasks/return-tasks.js';
import { routeTasks } from '../../../src/postgres/tasks/route-tasks.js';
import { settleEdges } from '../../../src/postgres/tasks/settle-edges.js';
import { settleDependedTasks, settleTasks } from '../../../src/postgres/tasks/settle-tasks.js';
import { skipTasks } from '../../../src/postgres/tasks/skip-tasks.js';
import { submitDependentTasks } from '../../../src/postgres/tasks/submit-dependent-tasks.js';
import { submitTasks } from '../../../src/postgres/tasks/submit-tasks.js';
import { timeOutTasks } from '../../../src/postgres/tasks/time-out-tasks.js';
import { updateTasks } from '../../../src/postgres/tasks/update-tasks.js';
import { claimOf, expiry, LEASE_MS, settlement } from '../../conformance/task-record-world.js';
import { plainRequirements, plainSpec } from '../plain-task.js';
import type { Verb } from './participant.js';

const HOUR_MS = 3_600_000;
/** What an update writes. */
export const EDITED_BODY = new Uint8Array([1]);

/** A task of a graph as those know it who are about to do something to it. */
export interface Held {
  readonly org: string;
  readonly taskId: string;
  readonly seq: number;
  /** Its newest, if it was ever claimed. */
  readonly lease: Lease | null;
}

/** A verb on one or several tasks, which the others of its graph may share. */
type MakeVerb = (held: Held, ...more: readonly Held[]) => Verb;

/** Every deadline has passed, every lease has run out: whoever asks for their ends gets them. */
export function newTask(org: string, on: readonly string[] = [], rest: Partial<NewTask> = {}): NewTask {
  const now = Date.now();
  const dependencies = on.map((taskId) => ({ taskId, runAnyway: false }));
  return {
    org,
    taskId: v7(),
    spec: plainSpec('document.summarize', { deadline: now - 1_000, dependencies }),
    createTime: now,
    runTime: null,
    score: now,
    headStartMs: 0,
    request: null,
    actor: 'alice',
    claim: null,
    ...rest,
  };
}

/** To somebody, for as long as nobody has claimed it. */
const ROUTE = { by: 'STATIC', epoch: 0, agentId: 'agent-1', until: null, fallback: true } as const;

export const VERBS = {
  'submit on': (held, ...more) => {
    const ids = [held, ...more].map(({ taskId }) => taskId);
    return one(submitDependentTasks, newTask(held.org, ids));
  },
  'submit by name': ({ org, taskId }) => one(submitTasks, named(org, taskId, [])),
  'submit by name on': ({ org, taskId }) => one(submitDependentTasks, named(org, taskId, [taskId])),
  claim: ({ org, taskId }) => {
    const agentId = `agent-${randomUUID()}`;
    return one(claimTasks, { org, taskId, agentId, acceptWithinMs: 0, requestId: null });
  },
  accept: ({ lease }) =>
    one(acceptTasks, { ...claimOf(given(lease)), agentId: given(lease).agentId, leaseMs: 0 }),
  renew: ({ lease }) =>
    one(renewLeases, { ...claimOf(given(lease)), agentId: given(lease).agentId, leaseMs: LEASE_MS }),
  return: ({ lease }) => returned(given(lease), 'QUEUED'),
  'return for good': ({ lease }) => returned(given(lease), 'DEAD_LETTER'),
  succeed: ({ lease }) => settled(given(lease), 'SUCCEEDED'),
  'succeed plainly': ({ lease }) => settled(given(lease), 'SUCCEEDED', 'FAILED', false),
  fail: ({ lease }) => settled(given(lease), 'FAILED'),
  'fail plainly': ({ lease }) => settled(given(lease), 'FAILED', 'FAILED', false),
  'fail for now': ({ lease }) => settled(given(lease), 'FAILED', 'SCHEDULED'),
  obey: ({ lease }) => settled(given(lease), 'CANCELLED'),
  expire: ({ lease }) => one(expireLeases, expiry(given(lease))),
  cancel: ({ org, taskId }) =>
    one(cancelTasks, { org, taskId, graceMs: 0, reason: 'changed my mind', actor: 'bob' }),
  retry: ({ org, taskId }) => one(retryTasks, { org, taskId, reason: 'once more', actor: 'bob' }),
  promote: ({ org, taskId }) => one(promoteTasks, { org, taskId }),
  'time out': ({ org, taskId }) => one(timeOutTasks, { org, taskId }),
  'settle edges': ({ org, taskId }) => one(settleEdges, { org, taskId }),
  'put off': (held) =>
    updated(held, {
      requirements: plainRequirements(['other']),
      runAt: Date.now() + HOUR_MS,
      reschedules: true,
    }),
  edit: (held) => updated(held, {}),
  route: ({ org, taskId, seq }) =>
    one(routeTasks, { org, taskId, seq, route: ROUTE, reason: 'PLANNED', decision: null }),
  skip: ({ org, taskId, seq }) => one(skipTasks, { org, taskId, seq, reason: 'VALIDATION_FAILED' }),
} satisfies Record<string, MakeVerb>;
export type VerbName = keyof typeof VERBS;

function one<Item, Outcome>(
  run: (db: Database, items: readonly Item[]) => Promise<readonly (Outcome | undefined)[]>,
  item: Item,
): Verb {
  return async (db) => (await run(db, [item]))[0];
}

function given<T>(value: T | null): T {
  if (value === null) throw new Error('it was never claimed');
  return value;
}

/** All submissions of a graph that are named have one name. */
function named(org: string, name: string, on: readonly string[]): NewTask {
  return newTask(org, on, { request: { requestId: name, bodyHash: new Uint8Array(32) } });
}

function returned(lease: Lease, to: Extract<TaskState, 'QUEUED' | 'DEAD_LETTER'>): Verb {
  return one(returnTasks, { ...claimOf(lease), agentId: lease.agentId, to, reason: 'DECLINED' });
}

/**
 * By the statement that moves dependents; or as the record has it, plainly first, and by that one
 * if somebody depends on it.
 */
function settled(
  lease: Lease,
  outcome: AttemptOutcome,
  to: 'FAILED' | 'SCHEDULED' = 'FAILED',
  dependedOn = true,
): Verb {
  const request = settlement(lease, outcome, { afterFailure: { to, delayMs: 0 } });
  let depended = dependedOn;
  return async (db) => {
    const [settled] = await (depended ? settleDependedTasks : settleTasks)(db, [request]);
    if (settled?.kind !== 'DEPENDED_ON') return settled;
    depended = true;
    return undefined;
  };
}

/** Of less urgency, and with another body. */
function updated({ org, taskId, seq }: Held, changes: Partial<UpdateRequest>): Verb {
  return one(updateTasks, {
    org,
    taskId,
    seq,
    tier: 'LOW',
    headStartMs: 0,
    labels: { put: 'off' },
    requirements: plainRequirements(['document.summarize']),
    runAt: null,
    reschedules: false,
    deadline: null,
    body: EDITED_BODY,
    actor: 'carol',
    detail: {},
    ...changes,
  });
}
