import { v7 } from 'uuid';
import { WHOLE_QUEUE } from '../../../src/domain/queues/queue-part.js';
import { EVERY_TASK } from '../../../src/domain/tasks/task-filter.js';
import type { TaskRecord } from '../../../src/ports/task-record.js';
import type { Database, Statement } from '../../../src/postgres/database.js';
import { routeTask, skipTask } from '../../conformance/task-record-routing.js';
import { updateTask } from '../../conformance/task-record-updating.js';
import { claimOf, createWorld } from '../../conformance/task-record-world.js';
import type { PgliteRecord } from '../pglite-record.js';

export interface Run {
  readonly statement: Statement;
  readonly values: readonly unknown[];
}

/** A database that keeps every statement it ran, by name, with the values of its last run. */
export function noting(db: Database): { readonly db: Database; readonly ran: ReadonlyMap<string, Run> } {
  const ran = new Map<string, Run>();
  const note = (statement: Statement, values: readonly unknown[]) => {
    if (statement.name !== '') ran.set(statement.name, { statement, values });
  };
  return {
    ran,
    db: {
      ...db,
      write: (statement, values) => {
        note(statement, values);
        return db.write(statement, values);
      },
      read: (statement, values) => {
        note(statement, values);
        return db.read(statement, values);
      },
      transaction: (work) =>
        db.transaction((connection) =>
          work({
            run: (statement, values) => {
              note(statement, values);
              return connection.run(statement, values);
            },
          }),
        ),
    },
  };
}

/** Drives a task through every verb and every read, so that each statement was run once. */
export async function runEveryStatement(record: TaskRecord): Promise<void> {
  const w = createWorld(record);
  const request = { requestId: v7(), bodyHash: new Uint8Array(32) };
  const parent = await w.submit({}, { request });
  const lease = await w.running();
  await record.renewLeases([{ ...claimOf(lease), agentId: lease.agentId, leaseMs: 0 }]);
  await w.expire(lease);
  await w.promote(lease.taskId);
  const again = await w.claim(lease.taskId);
  await record.returnTasks([{ ...claimOf(again), agentId: null, to: 'QUEUED', reason: 'DRAINED' }]);
  const third = await w.claim(lease.taskId);
  await w.fail(third);
  await w.fail(third);
  await w.promote(lease.taskId);
  await w.settle(await w.claim(lease.taskId));
  await w.cancel(parent);
  await w.retry(parent);
  await w.cancel(v7());
  const upstream = await w.submit({ deadline: Date.now() + 3_600_000 });
  const blocked = await w.submit({ dependencies: [{ taskId: upstream, runAnyway: false }] });
  await record.listOpenUpstreams([{ org: w.org, taskId: blocked }]);
  await record.settleEdges([{ org: w.org, taskId: upstream }]);
  await record.urgeUpstreams([{ org: w.org, taskId: blocked }]);
  await w.timeOut(upstream);
  await updateTask(w, upstream);
  const dueTime = Date.now() - 1;
  const asked = { kind: 'AWAITING_APPROVAL', reason: '', policyId: 'p', policyVersion: 1, dueTime } as const;
  const awaiting = await w.submit({}, { admission: { ...asked, defaultVerdict: 'REJECT' } });
  await record.listDueApprovals(10);
  for (const all of [true, false]) await record.listApprovals({ org: w.org, all, after: null, limit: 10 });
  await record.listApprovals({ org: w.org, all: true, after: null, limit: 1, taskId: awaiting });
  await record.decideTasks([
    { org: w.org, taskId: awaiting, verdict: 'APPROVE', reason: '', approver: 'ann' },
  ]);
  await routeTask(w, upstream, null);
  await skipTask(w, await w.submit());
  await w.settle(await w.claim(upstream));
  await record.getLeases([claimOf(lease)]);
  await record.getLeasesOfRequest(w.org, 'agent-1', 'call');
  await record.forgetLeaseRequests(3_600_000);
  await w.get(parent);
  await record.getTaskStates(w.org, [parent]);
  await w.events(parent);
  await record.listOpenTasks(null, 10);
  await record.listRecentStarts({ org: w.org, withinMs: 3_600_000, limit: 10 });
  const list = {
    org: w.org,
    view: 'BASIC' as const,
    limit: 10,
    beforeId: null,
  };
  const filter = { ...EVERY_TASK, kinds: ['x'], labels: { a: 'b' } };
  await record.listTasks({ ...list, filter });
  await record.listTasks({ ...list, filter: { ...filter, states: ['QUEUED'] } });
  await record.listTasks({ ...list, filter: { ...filter, parentTaskId: parent } });
  await record.listTasks({ ...list, filter: { ...filter, workflowId: parent } });
}

/** The same of agents, queues and operations. */
export async function runOtherStatements({
  agents,
  operations,
  queues,
}: Pick<PgliteRecord, 'agents' | 'operations' | 'queues'>): Promise<void> {
  const org = `org-${v7()}`;
  const spec = {
    agentId: 'agent-1',
    agentType: 'WORKER',
    capabilities: ['a'],
    services: [],
    tags: [],
    endpoints: {},
    metadata: {},
    version: '',
    region: null,
    location: null,
    weight: null,
  } as const;
  await agents.registerAgents([{ org, spec }]);
  await agents.touchAgents([{ org, agentId: 'agent-1', time: Date.now() }]);
  await agents.setAgentIntent(org, 'agent-1', 'DRAINING', 'ann');
  await agents.listAgents(null, 10);
  await agents.getAgents([{ org, agentId: 'agent-1' }]);
  await agents.deregisterAgent(org, 'agent-1', 'ann', 'why');
  await queues.pauseQueue({ org, part: WHOLE_QUEUE, reason: 'why', actor: 'ann' });
  await queues.listPauses(org);
  await queues.listAllPauses(null, 10);
  await queues.resumeQueue(org, WHOLE_QUEUE);
  const order = {
    verb: 'CANCEL_TASKS',
    filter: EVERY_TASK,
    dryRun: false,
    reason: 'why',
    graceMs: 100,
  } as const;
  const created = await operations.createOperation({
    ...order,
    org,
    operationId: v7(),
    actor: 'ann',
    request: null,
  });
  if (created.kind !== 'CREATED') throw new Error(created.kind);
  const { operation } = created;
  await operations.advanceOperation(org, operation.operationId, operation);
  await operations.getOperation(org, operation.operationId);
  await operations.listOperations(org, false, null, 10);
  await operations.listOperations(org, true, null, 10);
  await operations.listOpenOperations(null, 10);
  await operations.cancelOperation(org, operation.operationId);
  await operations.forgetOperations(3_600_000);
}
