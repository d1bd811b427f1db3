import type { Failpoints } from '../../ports/failpoints.js';
import type { Log } from '../../ports/log.js';
import type { TaskKey } from '../../ports/ready-index.js';
import type {
  AcceptRequest,
  LeaseOutcome,
  NewTask,
  SettleOutcome,
  SettleRequest,
  SubmitOutcome,
  TaskRecord,
} from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { createGroupCommit, type GroupCommit, type GroupCommitOptions, type Verb } from '../group-commit.js';
import { withFailpoints } from '../with-failpoints.js';
import { acceptKey, acceptTasks } from './accept-tasks.js';
import { cancelTasks } from './cancel-tasks.js';
import { claimTasks } from './claim-tasks.js';
import { decideTasks } from './decide-tasks.js';
import { expireLeases } from './expire-leases.js';
import { getLeases } from './get-leases.js';
import { getTaskStates } from './get-task-states.js';
import { getTasks } from './get-tasks.js';
import { forgetLeaseRequests, getLeasesOfRequest } from './lease-requests.js';
import { listApprovals, listDueApprovals } from './list-approvals.js';
import { listOpenTasks } from './list-open-tasks.js';
import { listRecentStarts } from './list-recent-starts.js';
import { listTaskEvents } from './list-task-events.js';
import { listTasks, scanTasks } from './list-tasks.js';
import { promoteTasks } from './promote-tasks.js';
import { renewLeases } from './renew-leases.js';
import { retryTasks } from './retry-tasks.js';
import { returnTasks } from './return-tasks.js';
import { routeSize, routeTasks } from './route-tasks.js';
import { listOpenUpstreams, settleEdges } from './settle-edges.js';
import { settleDependedTasks, settleSize, settleTasks } from './settle-tasks.js';
import { skipTasks } from './skip-tasks.js';
import { hasDependencies, submitDependentTasks } from './submit-dependent-tasks.js';
import { isJudged, submitJudgedTasks } from './submit-judged-tasks.js';
import { refuseTask, submitKey, submitSize, submitTasks } from './submit-tasks.js';
import { taskKey, taskOrder } from './task-order.js';
import { timeOutTasks } from './time-out-tasks.js';
import { updateSize, updateTasks } from './update-tasks.js';
import { urgeUpstreams } from './urge-upstreams.js';

export interface TaskRecordOptions {
  readonly failpoints: Failpoints;
  readonly log: Log;
  /**
   * How long an accept may wait for a result that makes its own write needless, in ms. Default
   * 25: short beside the time to accept, long beside a task that does next to nothing.
   */
  readonly acceptLingerMs?: number;
  /** Whether others read in the record what has changed; default true. False goes with `forgoChanges`. */
  readonly notesChanges?: boolean;
}

type Run<Item, Outcome> = (db: Database, items: readonly Item[]) => Promise<(Outcome | undefined)[]>;

/** The record of tasks in Postgres. The schema must be there: see `migrate`. */
export function createTaskRecord(
  db: Database,
  { failpoints, log, acceptLingerMs = 25, notesChanges = true }: TaskRecordOptions,
): TaskRecord {
  const onRefused = (error: Error & { code?: unknown }) =>
    log.warn({ sqlState: error.code }, 'the record refused a row');
  const group = <Item extends TaskKey, Outcome>(
    run: Run<Item, Outcome>,
    verb: Partial<Verb<Item, Outcome>> = {},
    options: GroupCommitOptions = {},
  ) =>
    createGroupCommit<Item, Outcome>(
      { order: taskOrder, key: taskKey, run: (items) => run(db, items), ...verb },
      { onRefused, ...options },
    );
  /** Of a verb whose events are no rows of `task_event`, by which its trigger would note them. */
  const noting =
    <Item, Outcome>(
      run: (db: Database, items: readonly Item[], notes: boolean) => Promise<(Outcome | undefined)[]>,
    ): Run<Item, Outcome> =>
    (database, items) =>
      run(database, items, notesChanges);
  const failing = <Item, Outcome>(name: Parameters<typeof withFailpoints>[1], run: Run<Item, Outcome>) =>
    withFailpoints(failpoints, name, run);

  const claims = group(failing('claim', claimTasks));
  const settlements = group(failing('settle', noting(settleTasks)), { size: settleSize });
  const dependedSettlements = group(failing('settle', noting(settleDependedTasks)), { size: settleSize });
  const accepts: GroupCommit<AcceptRequest, LeaseOutcome> = group(
    failing('accept', acceptTasks),
    { key: acceptKey },
    { lingerMs: acceptLingerMs },
  );
  const settleAll = async (requests: readonly SettleRequest[]): Promise<readonly SettleOutcome[]> => {
    const outcomes = await settlements.add(requests);
    const depended = requests.filter((_, i) => outcomes[i]?.kind === 'DEPENDED_ON');
    const later = (depended.length > 0 ? await dependedSettlements.add(depended) : []).values();
    return outcomes.map((outcome) =>
      outcome.kind === 'DEPENDED_ON' ? (later.next().value as SettleOutcome) : outcome,
    );
  };
  // Nobody waits for an accept, and a settlement that comes before it saves its write.
  const settle = async (requests: readonly SettleRequest[]): Promise<readonly SettleOutcome[]> => {
    const goOn = accepts.take(new Set(requests.map(acceptKey)));
    let overtaken: ReadonlyMap<string, LeaseOutcome> = new Map();
    try {
      const outcomes = await settleAll(requests);
      overtaken = acceptsOvertaken(requests, outcomes);
      return outcomes;
    } finally {
      goOn(overtaken);
    }
  };

  const submissionVerb = { key: submitKey, size: submitSize, refuse: refuseTask };
  const submissions = group(failing('submit', noting(submitTasks)), submissionVerb);
  const dependentSubmissions = group(failing('submit', submitDependentTasks), submissionVerb);
  const judgedSubmissions = group(failing('submit', submitJudgedTasks), submissionVerb);
  const submitAccepted = (tasks: readonly NewTask[]): Promise<readonly SubmitOutcome[]> =>
    tasks.some(hasDependencies)
      ? inTwo(tasks, hasDependencies, dependentSubmissions.add, submissions.add)
      : submissions.add(tasks);
  const submit = (tasks: readonly NewTask[]): Promise<readonly SubmitOutcome[]> =>
    tasks.some(isJudged)
      ? inTwo(tasks, isJudged, judgedSubmissions.add, submitAccepted)
      : submitAccepted(tasks);
  const renewals = group(failing('renew', renewLeases));
  const returns = group(failing('return', returnTasks));
  const expiries = group(failing('expire', expireLeases));
  const cancels = group(failing('cancel', cancelTasks));
  const retries = group(failing('retry', retryTasks));
  const promotions = group(failing('promote', promoteTasks));
  const timeouts = group(timeOutTasks);
  const updates = group(updateTasks, { size: updateSize });
  const routes = group(routeTasks, { size: routeSize });
  const skips = group(skipTasks);
  const decisions = group(decideTasks);
  const edges = group(settleEdges);
  const urgencies = group(urgeUpstreams);

  return {
    decideTasks: decisions.add,
    routeTasks: routes.add,
    skipTasks: skips.add,
    listApprovals: (query) => listApprovals(db, query),
    listDueApprovals: (limit) => listDueApprovals(db, limit),
    submitTasks: submit,
    claimTasks: claims.add,
    acceptTasks: accepts.add,
    renewLeases: renewals.add,
    returnTasks: returns.add,
    settleTasks: settle,
    expireLeases: expiries.add,
    cancelTasks: cancels.add,
    retryTasks: retries.add,
    promoteTasks: promotions.add,
    timeOutTasks: timeouts.add,
    updateTasks: updates.add,
    settleEdges: edges.add,
    urgeUpstreams: urgencies.add,
    listOpenUpstreams: (blocked) => listOpenUpstreams(db, blocked),
    getTasks: (org, ids, view) => getTasks(db, org, ids, view),
    getTaskStates: (org, ids) => getTaskStates(db, org, ids),
    listTasks: (query) => listTasks(db, query),
    scanTasks: (query) => scanTasks(db, query),
    listTaskEvents: (org, taskId, afterSeq, limit) => listTaskEvents(db, org, taskId, afterSeq, limit),
    getLeases: (leases) => getLeases(db, leases),
    getLeasesOfRequest: (org, agentId, requestId) => getLeasesOfRequest(db, org, agentId, requestId),
    forgetLeaseRequests: (olderThanMs) => forgetLeaseRequests(db, olderThanMs),
    listOpenTasks: (cursor, limit) => listOpenTasks(db, cursor, limit),
    listRecentStarts: (query) => listRecentStarts(db, query),
  };
}

/** Runs items by one of two functions each; outcomes in the order of the items. */
async function inTwo<Item, Outcome>(
  items: readonly Item[],
  isFirst: (item: Item) => boolean,
  first: (items: readonly Item[]) => Promise<readonly Outcome[]>,
  second: (items: readonly Item[]) => Promise<readonly Outcome[]>,
): Promise<readonly Outcome[]> {
  const parts = [items.filter(isFirst), items.filter((item) => !isFirst(item))] as const;
  const [ones, others] = await Promise.all([first(parts[0]), second(parts[1])]);
  const outcomes = [ones.values(), others.values()] as const;
  return items.map((item) => outcomes[isFirst(item) ? 0 : 1].next().value as Outcome);
}

/** What waiting accepts of settled claims would be told if they asked the record now. */
function acceptsOvertaken(
  requests: readonly SettleRequest[],
  outcomes: readonly SettleOutcome[],
): Map<string, LeaseOutcome> {
  const answers = new Map<string, LeaseOutcome>();
  requests.forEach((request, i) => {
    const outcome = outcomes[i];
    if (outcome?.kind !== 'OK') return;
    answers.set(acceptKey(request), { kind: 'REFUSED', state: outcome.change.state, epoch: request.epoch });
  });
  return answers;
}
