import type { Failpoints } from '../../ports/failpoints.js';
import type { Log } from '../../ports/log.js';
import type { TaskKey } from '../../ports/ready-index.js';
import type {
  AcceptRequest,
  LeaseOutcome,
  SettleOutcome,
  SettleRequest,
  TaskRecord,
} from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { createGroupCommit, type GroupCommit, type GroupCommitOptions, type Verb } from '../group-commit.js';
import { withFailpoints } from '../with-failpoints.js';
import { acceptKey, acceptTasks } from './accept-tasks.js';
import { cancelTasks } from './cancel-tasks.js';
import { claimTasks } from './claim-tasks.js';
import { expireLeases } from './expire-leases.js';
import { getLeases } from './get-leases.js';
import { getTaskStates } from './get-task-states.js';
import { getTasks } from './get-tasks.js';
import { forgetLeaseRequests, getLeasesOfRequest } from './lease-requests.js';
import { listOpenTasks } from './list-open-tasks.js';
import { listTaskEvents } from './list-task-events.js';
import { listTasks, scanTasks } from './list-tasks.js';
import { promoteTasks } from './promote-tasks.js';
import { renewLeases } from './renew-leases.js';
import { retryTasks } from './retry-tasks.js';
import { returnTasks } from './return-tasks.js';
import { settleSize, settleTasks } from './settle-tasks.js';
import { refuseTask, submitKey, submitSize, submitTasks } from './submit-tasks.js';
import { taskOrder } from './task-order.js';

export interface TaskRecordOptions {
  readonly failpoints: Failpoints;
  readonly log: Log;
  /**
   * How long an accept may wait for a result that makes its own write needless, in ms. Default
   * 25: short beside the time to accept, long beside a task that does next to nothing.
   */
  readonly acceptLingerMs?: number;
}

type Run<Item, Outcome> = (db: Database, items: readonly Item[]) => Promise<(Outcome | undefined)[]>;

/** The record of tasks in Postgres. The schema must be there: see `migrate`. */
export function createTaskRecord(
  db: Database,
  { failpoints, log, acceptLingerMs = 25 }: TaskRecordOptions,
): TaskRecord {
  const onRefused = (error: Error & { code?: unknown }) =>
    log.warn({ sqlState: error.code }, 'the record refused a row');
  const group = <Item extends TaskKey, Outcome>(
    run: Run<Item, Outcome>,
    verb: Partial<Verb<Item, Outcome>> = {},
    options: GroupCommitOptions = {},
  ) =>
    createGroupCommit<Item, Outcome>(
      { order: taskOrder, run: (items) => run(db, items), ...verb },
      { onRefused, ...options },
    );
  const failing = <Item, Outcome>(name: Parameters<typeof withFailpoints>[1], run: Run<Item, Outcome>) =>
    withFailpoints(failpoints, name, run);

  const claims = group(failing('claim', claimTasks));
  const settlements = group(failing('settle', settleTasks), { size: settleSize });
  const accepts: GroupCommit<AcceptRequest, LeaseOutcome> = group(
    failing('accept', acceptTasks),
    { key: acceptKey },
    { lingerMs: acceptLingerMs },
  );
  // Nobody waits for an accept, and a settlement that comes before it saves its write.
  const settle = async (requests: readonly SettleRequest[]): Promise<readonly SettleOutcome[]> => {
    const goOn = accepts.take(new Set(requests.map(acceptKey)));
    let overtaken: ReadonlyMap<string, LeaseOutcome> = new Map();
    try {
      const outcomes = await settlements.add(requests);
      overtaken = acceptsOvertaken(requests, outcomes);
      return outcomes;
    } finally {
      goOn(overtaken);
    }
  };

  const submissions = group(failing('submit', submitTasks), {
    key: submitKey,
    size: submitSize,
    refuse: refuseTask,
  });
  const renewals = group(failing('renew', renewLeases));
  const returns = group(returnTasks);
  const expiries = group(failing('expire', expireLeases));
  const cancels = group(failing('cancel', cancelTasks));
  const retries = group(retryTasks);
  const promotions = group(promoteTasks);

  return {
    submitTasks: submissions.add,
    claimTasks: claims.add,
    acceptTasks: accepts.add,
    renewLeases: renewals.add,
    returnTasks: returns.add,
    settleTasks: settle,
    expireLeases: expiries.add,
    cancelTasks: cancels.add,
    retryTasks: retries.add,
    promoteTasks: promotions.add,
    getTasks: (org, ids, view) => getTasks(db, org, ids, view),
    getTaskStates: (org, ids) => getTaskStates(db, org, ids),
    listTasks: (query) => listTasks(db, query),
    scanTasks: (query) => scanTasks(db, query),
    listTaskEvents: (org, taskId, afterSeq, limit) => listTaskEvents(db, org, taskId, afterSeq, limit),
    getLeases: (leases) => getLeases(db, leases),
    getLeasesOfRequest: (org, agentId, requestId) => getLeasesOfRequest(db, org, agentId, requestId),
    forgetLeaseRequests: (olderThanMs) => forgetLeaseRequests(db, olderThanMs),
    listOpenTasks: (cursor, limit) => listOpenTasks(db, cursor, limit),
  };
}

/** What waiting accepts of settled claims would be told if they asked the record now. */
function acceptsOvertaken(
  requests: readonly SettleRequest[],
  outcomes: readonly SettleOutcome[],
): Map<string, LeaseOutcome> {
  const answers = new Map<string, LeaseOutcome>();
  for (const [i, request] of requests.entries()) {
    const outcome = outcomes[i];
    if (outcome?.kind !== 'OK') continue;
    answers.set(acceptKey(request), { kind: 'REFUSED', state: outcome.change.state, epoch: request.epoch });
  }
  return answers;
}
