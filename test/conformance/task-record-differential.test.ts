import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { v7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Approval } from '../../src/domain/tasks/admission.js';
import { EVERY_TASK, type TaskFilter } from '../../src/domain/tasks/task-filter.js';
import type { TaskKey } from '../../src/ports/ready-index.js';
import { openPgliteRecord, type PgliteRecord } from '../support/pglite-record.js';
import { AGENTS, CALLS } from './differential-known.js';
import { normalised, type Side, sides } from './differential-sides.js';
import { steps } from './differential-steps.js';

let opened: PgliteRecord;
beforeAll(async () => {
  opened = await openPgliteRecord();
});
afterAll(() => opened.close());

/** What the reading verbs tell of the tasks, and the trails of those that have changed. */
async function read({ record }: Side, org: string, ids: readonly string[], seen: Map<string, number>) {
  const tasks = await record.getTasks(org, ids, 'FULL');
  const claims = tasks.flatMap((t) => (t ? [{ org, taskId: t.taskId, epoch: t.epoch }] : []));
  const changed = tasks.flatMap((t) => (t && seen.get(t.taskId) !== t.seq ? [t] : []));
  for (const { taskId, seq } of changed) seen.set(taskId, seq);
  const trails = changed.map(({ taskId }) => record.listTaskEvents(org, taskId, 0, 1_000));
  const open = await record.listOpenTasks({ org, taskId: '00000000-0000-0000-0000-000000000000' }, 100);
  return {
    tasks,
    trails: await Promise.all(trails),
    leases: await record.getLeases(claims),
    // Which of those that are due at one time comes first, the clocks' own grain says.
    asked: byId(await record.listApprovals({ org, all: false, after: null, limit: 100 })),
    due: dueOf(org, await record.listDueApprovals(1_000)),
    open: open.tasks.filter(({ ready }) => ready.org === org),
  };
}

function byId(approvals: readonly Approval[]): readonly Approval[] {
  return approvals.toSorted((a, b) => (a.taskId < b.taskId ? -1 : 1));
}

function dueOf(org: string, due: readonly TaskKey[]): readonly string[] {
  return due.flatMap((key) => (key.org === org ? [key.taskId] : [])).sort();
}

/** The other reading verbs, once at the end. */
async function readRest({ record }: Side, org: string, ids: readonly string[]) {
  const calls = AGENTS.flatMap((agentId) => CALLS.map((name) => ({ agentId, name })));
  const all = { org, view: 'BASIC', limit: 100, beforeId: null } as const;
  const filters: Partial<TaskFilter>[] = [
    { states: ['BLOCKED', 'QUEUED'] },
    { tiers: ['LOW'] },
    { sources: ['HUMAN'] },
    { agentIds: ['agent-1'] },
    { labels: { l: 'v' } },
    { kinds: ['b'] },
  ];
  const upstreams = await record.listOpenUpstreams(ids.map((taskId) => ({ org, taskId })));
  const parents = [null, ...ids.slice(0, 2)];
  return {
    states: await record.getTaskStates(org, ids),
    left: await Promise.all(ids.map((taskId) => record.getCheckpoint({ org, taskId }))),
    calls: await Promise.all(calls.map(({ agentId, name }) => record.getLeasesOfRequest(org, agentId, name))),
    listed: await Promise.all(
      [...parents.map((parentTaskId) => ({ parentTaskId })), ...filters].map((filter) =>
        record.listTasks({ ...all, filter: { ...EVERY_TASK, ...filter } }),
      ),
    ),
    approvals: await record.listApprovals({ org, all: true, after: null, limit: 100 }),
    upstreams: upstreams.map(({ taskId }) => taskId).sort(),
  };
}

test('whatever is asked of them, the records in memory and in Postgres answer and hold the same', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const org = `org-${randomUUID()}`;
      const [postgres, memory] = sides(opened, org);
      const results = [randomUUID(), randomUUID()];
      const ids: string[] = [];
      const told: string[] = [];
      const seen = [new Map<string, number>(), new Map<string, number>()];
      for (const step of sequence) {
        const fresh = [v7(), v7(), v7()];
        const tasks = await memory.record.getTasks(org, ids, 'BASIC');
        const answer = async (side: Side) => {
          const { record, elapse } = side;
          const at = side.now();
          const now = () => at;
          const unused = [...fresh];
          const newId = () => unused.shift() ?? '';
          const call = step.bind({ org, ids, tasks, newId, resultId: (n) => results[n] ?? '', now });
          return normalised(await call(record, elapse).catch((error: Error) => error), now());
        };
        const answers = [await answer(postgres), await answer(memory)];
        memory.tick?.();
        told.push(step.name);
        expect(answers[1], told.join('\n')).toEqual(answers[0]);
        ids.push(...(await memory.record.getTasks(org, fresh, 'BASIC')).flatMap((t) => t?.taskId ?? []));
        const held = [];
        for (const [i, side] of [postgres, memory].entries()) {
          held.push(normalised(await read(side, org, ids, seen[i] ?? new Map()), side.now()));
        }
        expect(held[1], told.join('\n')).toEqual(held[0]);
      }
      const rest = [];
      for (const side of [postgres, memory])
        rest.push(normalised(await readRest(side, org, ids), side.now()));
      expect(rest[1], told.join('\n')).toEqual(rest[0]);
    }),
    { numRuns: 30, endOnFailure: true },
  );
}, 120_000);
