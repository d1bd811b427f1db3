import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { v7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Workflow } from '../../src/domain/workflows/workflow.js';
import type { WorkflowKey } from '../../src/ports/workflow-record.js';
import { openPgliteRecord, type PgliteRecord } from '../support/pglite-record.js';
import { normalised, type Side, sides } from './differential-sides.js';
import { type KnownWorkflow, NODES, workflowSteps } from './differential-workflows.js';
import { ALL, pageOf } from './workflow-record-world.js';

let opened: PgliteRecord;
beforeAll(async () => {
  opened = await openPgliteRecord();
});
afterAll(() => opened.close());

/** What the reading verbs tell of workflows, and of their tasks. */
async function read({ record, workflows }: Side, org: string, keys: readonly WorkflowKey[], ids: string[]) {
  const each = keys.map(async (key) => {
    const snapshot = await workflows.open(key);
    const versions = Array.from({ length: snapshot?.workflow.contextVersion ?? 0 }, (_, i) => i + 1);
    const pages = Array.from({ length: NODES }, (_, node) => workflows.listItems(key, node, pageOf(1, 2)));
    const items = Array.from({ length: NODES }, (_, node) => workflows.listItems(key, node, pageOf(0, ALL)));
    return {
      snapshot,
      workflow: await workflows.get(key),
      spec: await workflows.getSpec(key),
      context: await workflows.readContext(key, null),
      before: await Promise.all(versions.map((version) => workflows.readContext(key, version))),
      items: await Promise.all([...items, ...pages]),
      open: await Promise.all(
        [1, 2].map((run) => workflows.listOpenTasks({ ...key, run, node: null, limit: ALL })),
      ),
      events: [await workflows.listEvents(key, 0, ALL), await workflows.listEvents(key, 2, 2)],
    };
  });
  const every = { org, states: [], name: '', labels: {}, limit: 100, beforeId: null };
  const queries = [
    every,
    { ...every, limit: 1 },
    { ...every, beforeId: keys.at(-1)?.workflowId ?? null },
    { ...every, states: ['PROCESSING', 'INITIALIZING'] as const },
    { ...every, states: ['SUCCEEDED', 'PROCESSING'] as const },
    { ...every, name: 'letters' },
    { ...every, labels: { l: 'v' } },
  ];
  const strays = await workflows.listStrays(ALL);
  return {
    workflows: await Promise.all(each),
    lists: await Promise.all(queries.map((query) => workflows.list(query))),
    strays: strays.flatMap((one) => (one.org === org ? [one.taskId] : [])).sort(),
    tasks: await record.getTasks(org, ids, 'BASIC'),
  };
}

async function dueOf({ workflows }: Side, org: string): Promise<ReadonlySet<string>> {
  const due = await workflows.listDue(ALL);
  return new Set(due.flatMap((key) => (key.org === org ? [key.workflowId] : [])));
}

async function knownOf({ workflows }: Side, keys: readonly WorkflowKey[]): Promise<readonly KnownWorkflow[]> {
  const found = await Promise.all(
    keys.map(async (key) => {
      const snapshot = await workflows.open(key);
      return snapshot ? [{ ...snapshot, context: await workflows.readContext(key, null) }] : [];
    }),
  );
  return found.flat();
}

/** The workflow to which something was written, or that was looked at. */
function committedBy(answer: unknown): string | undefined {
  const { kind, workflow } = (answer ?? {}) as { readonly kind?: string; readonly workflow?: Workflow };
  return kind === 'OK' ? workflow?.workflowId : undefined;
}

test('whatever is asked of them, the records of workflows in memory and in Postgres answer and hold the same', async () => {
  await fc.assert(
    fc.asyncProperty(workflowSteps, async (sequence) => {
      const org = `org-${randomUUID()}`;
      const [postgres, memory] = sides(opened, org);
      const results = [randomUUID(), randomUUID()];
      const ids: string[] = [];
      const keys: WorkflowKey[] = [];
      const told: string[] = [];
      for (const step of sequence) {
        const fresh = [v7(), v7(), v7()];
        const known = {
          ...{ org, ids, tasks: await memory.record.getTasks(org, ids, 'BASIC') },
          workflows: await knownOf(memory, keys),
          resultId: (n: number) => results[n] ?? '',
        };
        const answer = async (side: Side) => {
          const at = side.now();
          const unused = [...fresh];
          const call = step.bind({ ...known, newId: () => unused.shift() ?? '', now: () => at });
          return normalised(await call(side).catch((error: Error) => error), side.now());
        };
        const answers = [await answer(postgres), await answer(memory)];
        memory.tick?.();
        told.push(step.name);
        expect(answers[1], told.join('\n')).toEqual(answers[0]);
        ids.push(...(await memory.record.getTasks(org, fresh, 'BASIC')).flatMap((t) => t?.taskId ?? []));
        for (const workflowId of fresh) {
          if (await memory.workflows.get({ org, workflowId })) keys.push({ org, workflowId });
        }
        const held = [];
        for (const side of [postgres, memory]) {
          held.push(normalised(await read(side, org, keys, ids), side.now()));
        }
        expect(held[1], told.join('\n')).toEqual(held[0]);
        // Nobody has to be woken for a task that has ended and is open again; Postgres wakes all the same, until the
        // next commit.
        const [there, here] = [await dueOf(postgres, org), await dueOf(memory, org)];
        expect(
          [...here].filter((id) => !there.has(id)),
          `due: ${told.join('\n')}`,
        ).toEqual([]);
        const committed = committedBy(answers[0]);
        if (committed) expect(there.has(committed), `due: ${told.join('\n')}`).toBe(here.has(committed));
      }
    }),
    { numRuns: 40, endOnFailure: true },
  );
}, 240_000);
