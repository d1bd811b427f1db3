import type { AttemptOutcome } from '../../../src/domain/tasks/task.js';
import type { TaskRecord } from '../../../src/ports/task-record.js';
import { claimOf, settlement } from '../../conformance/task-record-world.js';
import { follow } from './at-rest.js';
import { type Held, newTask } from './verbs.js';

/** The tasks of one run by their names. */
export type Graph = Readonly<Record<string, Held>>;

/** Builds many graphs alike, each step of all of them by one call. */
export type Stage = ReturnType<typeof createStage>;

export function createStage(record: TaskRecord, org: string, size: number) {
  const graphs: Record<string, Held>[] = Array.from({ length: size }, () => ({}));
  const heldAs = (name: string) => graphs.map((graph) => graph[name] as Held);

  const stage = {
    async submit(name: string, on: readonly string[] = [], runInMs: number | null = null) {
      const tasks = graphs.map((graph) => {
        const ids = on.map((upstream) => (graph[upstream] as Held).taskId);
        return newTask(org, ids, { runTime: runInMs === null ? null : Date.now() + runInMs });
      });
      await record.submitTasks(tasks);
      for (const [i, graph] of graphs.entries())
        graph[name] = { org, taskId: tasks[i]?.taskId ?? '', seq: 1, lease: null };
    },
    async claim(name: string) {
      const agentId = 'agent-1';
      const outcomes = await record.claimTasks(
        heldAs(name).map(({ taskId }) => ({ org, taskId, agentId, acceptWithinMs: 0, requestId: null })),
      );
      for (const [i, graph] of graphs.entries()) {
        const outcome = outcomes[i];
        if (outcome?.kind !== 'OK') throw new Error(`${name} was not claimed`);
        graph[name] = { ...(graph[name] as Held), lease: outcome.lease };
      }
    },
    async accept(name: string) {
      const leases = heldAs(name).flatMap(({ lease }) => lease ?? []);
      await record.acceptTasks(leases.map((l) => ({ ...claimOf(l), agentId: l.agentId, leaseMs: 0 })));
    },
    /** So often that the next return is the last. */
    async deliver(name: string, times: number) {
      for (let i = 1; i < times; i++) {
        await stage.claim(name);
        const leases = heldAs(name).flatMap(({ lease }) => lease ?? []);
        await record.returnTasks(
          leases.map((l) => ({ ...claimOf(l), agentId: null, to: 'QUEUED', reason: 'DECLINED' })),
        );
      }
      await stage.claim(name);
    },
    /** A task that runs. */
    async running(name: string, on: readonly string[] = []) {
      await stage.submit(name, on);
      await stage.claim(name);
      await stage.accept(name);
    },
    async settle(name: string, outcome: AttemptOutcome) {
      const leases = heldAs(name).flatMap(({ lease }) => lease ?? []);
      const afterFailure = { to: 'FAILED', delayMs: 0 } as const;
      const requests = leases.map((lease) => settlement(lease, outcome, { afterFailure }));
      await follow(record, await record.settleTasks(requests));
    },
    async cancel(name: string) {
      const how = { org, graceMs: 0, reason: '', actor: 'bob' };
      const requests = heldAs(name).map(({ taskId }) => ({ ...how, taskId }));
      await follow(record, await record.cancelTasks(requests));
    },
    /** The graphs, with the newest of each task. */
    async done(): Promise<readonly Graph[]> {
      for (const name of Object.keys(graphs[0] ?? {})) {
        const ids = heldAs(name).map(({ taskId }) => taskId);
        const tasks = await record.getTasks(org, ids, 'BASIC');
        for (const [i, graph] of graphs.entries())
          graph[name] = { ...(graph[name] as Held), seq: tasks[i]?.seq ?? 0 };
      }
      return graphs;
    },
  };
  return stage;
}
