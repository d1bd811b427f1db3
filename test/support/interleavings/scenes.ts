import type { AttemptOutcome } from '../../../src/domain/tasks/task.js';
import type { TaskRecord } from '../../../src/ports/task-record.js';
import { claimOf, settlement } from '../../conformance/task-record-world.js';
import { follow } from './at-rest.js';
import { type Held, newTask, type VerbName } from './verbs.js';

/** The tasks of one run by their names. */
export type Graph = Readonly<Record<string, Held>>;
/** A verb, and the names of the tasks that it is about. */
export type Act = readonly [VerbName, ...string[]];

/** Tasks that stand in a certain way, and what may happen to them at once. */
export interface Scene {
  readonly name: string;
  readonly build: (stage: Stage) => Promise<void>;
  readonly acts: readonly Act[];
}

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

const ENDS = ['succeed', 'fail', 'cancel', 'time out', 'expire'] as const;
const endsOf = (name: string): Act[] => ENDS.map((verb) => [verb, name]);

export const SCENES: readonly Scene[] = [
  {
    name: 'a QUEUED task that another waits for',
    async build(stage) {
      await stage.submit('t');
      await stage.submit('d', ['t']);
    },
    acts: [
      ['claim', 't'],
      ['cancel', 't'],
      ['route', 't'],
      ['skip', 't'],
      ['put off', 't'],
      ['time out', 't'],
      ['submit on', 't'],
      ['settle edges', 't'],
    ],
  },
  {
    name: 'a SCHEDULED task that is due',
    build: (stage) => stage.submit('t', [], -1_000),
    acts: [
      ['promote', 't'],
      ['claim', 't'],
      ['cancel', 't'],
      ['put off', 't'],
      ['time out', 't'],
      ['submit on', 't'],
      ['settle edges', 't'],
    ],
  },
  {
    name: 'an ASSIGNED task that another waits for',
    async build(stage) {
      await stage.submit('t');
      await stage.submit('d', ['t']);
      await stage.claim('t');
    },
    acts: [
      ...endsOf('t'),
      ['accept', 't'],
      ['renew', 't'],
      ['return', 't'],
      ['fail for now', 't'],
      ['submit on', 't'],
      ['settle edges', 't'],
    ],
  },
  {
    name: 'an ASSIGNED task that is delivered for the last time',
    async build(stage) {
      await stage.submit('t');
      await stage.submit('d', ['t']);
      await stage.deliver('t', 9);
    },
    acts: [
      ['return for good', 't'],
      ['expire', 't'],
      ['succeed', 't'],
      ['submit on', 't'],
    ],
  },
  {
    name: 'a RUNNING task that nobody waits for',
    build: (stage) => stage.running('t'),
    acts: [
      ...endsOf('t'),
      ['succeed plainly', 't'],
      ['fail plainly', 't'],
      ['accept', 't'],
      ['renew', 't'],
      ['fail for now', 't'],
      ['submit on', 't'],
    ],
  },
  {
    name: 'a CANCELLING task that another waits for',
    async build(stage) {
      await stage.running('t');
      await stage.submit('d', ['t']);
      await stage.cancel('t');
    },
    acts: [
      ['succeed', 't'],
      ['obey', 't'],
      ['renew', 't'],
      ['expire', 't'],
      ['cancel', 't'],
      ['time out', 't'],
      ['submit on', 't'],
    ],
  },
  {
    name: 'a FAILED task that nobody waited for',
    async build(stage) {
      await stage.running('t');
      await stage.settle('t', 'FAILED');
    },
    acts: [
      ['retry', 't'],
      ['submit on', 't'],
      ['settle edges', 't'],
      ['cancel', 't'],
    ],
  },
  {
    name: 'a task that runs for two, one of them CANCELLED while it waited',
    async build(stage) {
      await stage.running('u');
      await stage.submit('d', ['u']);
      await stage.submit('e', ['u', 'd']);
      await stage.cancel('d');
    },
    acts: [
      ...endsOf('u'),
      ['retry', 'd'],
      ['submit on', 'd'],
      ['submit on', 'u', 'd'],
      ['settle edges', 'd'],
    ],
  },
  {
    name: 'a BLOCKED task and the two it waits for',
    async build(stage) {
      await stage.running('u');
      await stage.running('v');
      await stage.submit('d', ['u', 'v']);
    },
    acts: [
      ...endsOf('u'),
      ['succeed', 'v'],
      ['fail', 'v'],
      ['time out', 'v'],
      ['submit on', 'u', 'v'],
      ['submit on', 'd'],
      ['cancel', 'd'],
      ['time out', 'd'],
    ],
  },
  {
    name: 'a BLOCKED task whose last upstream runs',
    async build(stage) {
      await stage.running('u');
      await stage.submit('d', ['u']);
      await stage.submit('e', ['d']);
    },
    acts: [
      ['succeed', 'u'],
      ['succeed plainly', 'u'],
      ['fail', 'u'],
      ['put off', 'd'],
      ['cancel', 'd'],
      ['time out', 'd'],
      ['settle edges', 'u'],
      ['settle edges', 'd'],
      ['submit on', 'd'],
    ],
  },
  {
    name: 'a SKIPPED task and the two that have failed it',
    async build(stage) {
      await stage.running('u');
      await stage.running('v');
      await stage.submit('d', ['u', 'v']);
      await stage.settle('u', 'FAILED');
      await stage.settle('v', 'FAILED');
    },
    acts: [
      ['retry', 'u'],
      ['retry', 'v'],
      ['submit on', 'u', 'v'],
      ['submit on', 'd'],
      ['settle edges', 'u'],
      ['settle edges', 'd'],
    ],
  },
  {
    name: 'a SKIPPED task, one that has failed it, and one that runs',
    async build(stage) {
      await stage.running('u');
      await stage.running('v');
      await stage.submit('d', ['u', 'v']);
      await stage.submit('e', ['d']);
      await stage.settle('u', 'FAILED');
    },
    acts: [
      ['retry', 'u'],
      ['succeed', 'v'],
      ['fail', 'v'],
      ['cancel', 'v'],
      ['settle edges', 'd'],
      ['submit on', 'u', 'd'],
    ],
  },
  {
    name: 'a submission with a name',
    build: (stage) => stage.submit('t'),
    acts: [
      ['submit by name', 't'],
      ['submit by name on', 't'],
      ['claim', 't'],
      ['cancel', 't'],
    ],
  },
];
