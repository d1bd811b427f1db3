import type { ContextProvider } from '../../src/ports/context-provider.js';
import type { TaskRecord } from '../../src/ports/task-record.js';
import type { WorkflowRecord } from '../../src/ports/workflow-record.js';
import { Injected, type Network } from './network.js';

/**
 * The record as a coordinator reaches it: a call happens some time after it was made, as a
 * whole, its reply comes later still, and either may be lost. What a coordinator has sent
 * before it died may happen or not; it hears of it no more.
 */
export function remoteRecord(record: TaskRecord, network: Network, isAlive: () => boolean): TaskRecord {
  const far = farOff(network, isAlive);
  return {
    submitTasks: far(record.submitTasks),
    claimTasks: far(record.claimTasks),
    acceptTasks: far(record.acceptTasks),
    renewLeases: far(record.renewLeases),
    returnTasks: far(record.returnTasks),
    settleTasks: far(record.settleTasks),
    expireLeases: far(record.expireLeases),
    cancelTasks: far(record.cancelTasks),
    retryTasks: far(record.retryTasks),
    promoteTasks: far(record.promoteTasks),
    timeOutTasks: far(record.timeOutTasks),
    updateTasks: far(record.updateTasks),
    decideTasks: far(record.decideTasks),
    routeTasks: far(record.routeTasks),
    skipTasks: far(record.skipTasks),
    listApprovals: far(record.listApprovals),
    listDueApprovals: far(record.listDueApprovals),
    settleEdges: far(record.settleEdges),
    urgeUpstreams: far(record.urgeUpstreams),
    listOpenUpstreams: far(record.listOpenUpstreams),
    getTasks: far(record.getTasks),
    getTaskStates: far(record.getTaskStates),
    listTasks: far(record.listTasks),
    scanTasks: far(record.scanTasks),
    listTaskEvents: far(record.listTaskEvents),
    getLeases: far(record.getLeases),
    getLeasesOfRequest: far(record.getLeasesOfRequest),
    forgetLeaseRequests: far(record.forgetLeaseRequests),
    listOpenTasks: far(record.listOpenTasks),
    listRecentStarts: far(record.listRecentStarts),
  };
}

/** The same of the record of workflows. */
export function remoteWorkflows(
  record: WorkflowRecord,
  network: Network,
  isAlive: () => boolean,
): WorkflowRecord {
  const far = farOff(network, isAlive);
  return {
    start: far(record.start),
    get: far(record.get),
    getSpec: far(record.getSpec),
    list: far(record.list),
    open: far(record.open),
    commit: far(record.commit),
    readContext: far(record.readContext),
    pruneContext: far(record.pruneContext),
    listItems: far(record.listItems),
    listOpenTasks: far(record.listOpenTasks),
    listEvents: far(record.listEvents),
    listDue: far(record.listDue),
    listStrays: far(record.listStrays),
    forget: far(record.forget),
  };
}

/** The same of what workflows look up. */
export function remoteContexts(
  provider: ContextProvider,
  network: Network,
  isAlive: () => boolean,
): ContextProvider {
  return { query: farOff(network, isAlive)(provider.query), stop: () => provider.stop() };
}

function farOff(network: Network, isAlive: () => boolean) {
  const { chance } = network;
  return <Args extends readonly unknown[], Reply>(verb: (...args: Args) => Promise<Reply>) =>
    (...args: Args): Promise<Reply> =>
      new Promise((resolve, reject) => {
        const answer = (tell: () => void) => network.carry(() => isAlive() && tell());
        const lost = (what: string) => answer(() => reject(new Injected(`${what} was lost`)));
        network.carry(() => {
          if (!isAlive() && chance.happens(0.5)) return;
          if (chance.happens(network.weather.lostCall)) return lost('the call');
          verb(...args).then(
            (reply) => {
              if (chance.happens(network.weather.lostReply)) lost('the reply');
              else answer(() => resolve(reply));
            },
            (error: unknown) => answer(() => reject(error)),
          );
        });
      });
}
