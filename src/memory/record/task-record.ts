import type { Clock } from '../../ports/clock.js';
import type { TaskRecord } from '../../ports/task-record.js';
import { acceptTasks } from './accept-tasks.js';
import { listApprovals, listDueApprovals } from './approvals.js';
import { cancelTasks } from './cancel-tasks.js';
import { claimTasks } from './claim-tasks.js';
import { decideTasks } from './decide-tasks.js';
import { expireLeases } from './expire-leases.js';
import { getTasks } from './get-tasks.js';
import { forgetLeaseRequests, getLeases, getLeasesOfRequest } from './leases.js';
import { listRecentStarts } from './list-recent-starts.js';
import { listOpenTasks, listTasks, scanTasks } from './list-tasks.js';
import { promoteTasks } from './promote-tasks.js';
import { renewLeases } from './renew-leases.js';
import { retryTasks } from './retry-tasks.js';
import { returnTasks } from './return-tasks.js';
import { routeTasks, skipTasks } from './route-tasks.js';
import { listOpenUpstreams, settleEdges } from './settle-edges.js';
import { settleTasks } from './settle-tasks.js';
import { submitTasks } from './submit-tasks.js';
import { createTables, findTask, type Tables } from './tables.js';
import { timeOutTasks } from './time-out-tasks.js';
import { updateTasks } from './update-tasks.js';
import { urgeUpstreams } from './urge-upstreams.js';

const MAX_EVENTS = 1_000;

/**
 * The record of tasks inside one process, for simulations: nothing of it survives the
 * process. Every call happens at once and as a whole, at the moment it is made.
 *
 * @param tables where everything is kept; default: new ones
 */
export function createMemoryTaskRecord(
  clock: Pick<Clock, 'now'>,
  tables: Tables = createTables(),
): TaskRecord {
  return {
    decideTasks: async (requests) => decideTasks(tables, requests, clock.now()),
    routeTasks: async (requests) => routeTasks(tables, requests, clock.now()),
    skipTasks: async (requests) => skipTasks(tables, requests, clock.now()),
    listApprovals: async (query) => listApprovals(tables, query),
    listDueApprovals: async (limit) => listDueApprovals(tables, limit, clock.now()),
    submitTasks: async (tasks) => submitTasks(tables, tasks, clock.now()),
    claimTasks: async (requests) => claimTasks(tables, requests, clock.now()),
    acceptTasks: async (requests) => acceptTasks(tables, requests, clock.now()),
    renewLeases: async (requests) => renewLeases(tables, requests, clock.now()),
    returnTasks: async (requests) => returnTasks(tables, requests, clock.now()),
    settleTasks: async (requests) => settleTasks(tables, requests, clock.now()),
    expireLeases: async (requests) => expireLeases(tables, requests, clock.now()),
    cancelTasks: async (requests) => cancelTasks(tables, requests, clock.now()),
    retryTasks: async (requests) => retryTasks(tables, requests, clock.now()),
    promoteTasks: async (requests) => promoteTasks(tables, requests, clock.now()),
    timeOutTasks: async (requests) => timeOutTasks(tables, requests, clock.now()),
    updateTasks: async (requests) => updateTasks(tables, requests, clock.now()),
    urgeUpstreams: async (blocked) => urgeUpstreams(tables, blocked, clock.now()),
    settleEdges: async (upstreams) => settleEdges(tables, upstreams, clock.now()),
    listOpenUpstreams: async (blocked) => listOpenUpstreams(tables, blocked),
    getTasks: async (org, ids, view) => getTasks(tables, org, ids, view),
    getTaskStates: async (org, ids) => ids.map((taskId) => findTask(tables, { org, taskId })?.state ?? null),
    listTasks: async (query) => listTasks(tables, query),
    scanTasks: async (query) => scanTasks(tables, query),
    async listTaskEvents(org, taskId, afterSeq, limit) {
      const events = findTask(tables, { org, taskId })?.events ?? [];
      return events.filter(({ seq }) => seq > afterSeq).slice(0, Math.min(limit, MAX_EVENTS));
    },
    getLeases: async (claims) => getLeases(tables, claims, clock.now()),
    getLeasesOfRequest: async (org, agentId, requestId) =>
      getLeasesOfRequest(tables, org, agentId, requestId),
    forgetLeaseRequests: async (olderThanMs) => forgetLeaseRequests(tables, olderThanMs, clock.now()),
    listOpenTasks: async (cursor, limit) => listOpenTasks(tables, cursor, limit, clock.now()),
    listRecentStarts: async (query) => listRecentStarts(tables, query, clock.now()),
  };
}
