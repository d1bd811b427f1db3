import { fromBinary } from '@bufbuild/protobuf';
import { TaskSpecSchema } from '@reeve/sdk/protocol';
import { expect, test } from 'vitest';
import type { JsonValue } from '../../src/domain/json.js';
import type { WorkflowSpec } from '../../src/domain/workflows/spec.js';
import { keyOf } from '../../src/memory/record/tables.js';
import { ORG } from './connection.js';
import { foundContexts } from './found-contexts.js';
import { brokenPromises } from './workflow-invariants.js';
import { joinWorkflow, wideWorkflow } from './workflow-jobs.js';
import type { WorkflowOutcome } from './workflow-options.js';
import { simulateWorkflows } from './workflow-world.js';

const WIDTH = 520;

/** Each task has in its instructions what was looked up for it; those of `wide` ask for their number. */
function lookingUp(spec: WorkflowSpec, query: string): WorkflowSpec {
  const groups = spec.groups.map((group) => ({
    ...group,
    tasks: group.tasks.map((task) =>
      task.taskId === 'last'
        ? task
        : { ...task, lookups: { said: query }, instructions: 'say {{ lookups.said }}' },
    ),
  }));
  return { ...spec, groups };
}

const specs = () => [
  lookingUp(wideWorkflow('wide', WIDTH), '{{ item.one.n }}'),
  lookingUp(joinWorkflow('join', 3), '{{ params.words }}'),
];

interface Look {
  readonly workflow: string;
  readonly task: string;
  readonly item: number;
  readonly instructions: string;
}

/** Of all tasks that were made: what stands in their instructions. */
function saidIn({ asked, tables }: WorkflowOutcome): readonly Look[] {
  return asked.flatMap(({ spec, workflowId }) =>
    (tables.workflowTasks.get(keyOf(ORG, workflowId ?? '')) ?? []).map(({ workflow, spec: { body } }) => ({
      workflow: spec.name,
      task: workflow?.templateId ?? '',
      item: workflow?.item ?? 0,
      instructions: fromBinary(TaskSpecSchema, body).brief?.instructions ?? '',
    })),
  );
}

test('coordinators that die between look-ups and submissions ask again, and make each task once', async () => {
  let asked = 0;
  let deaths = 0;
  const seeds = 4;
  for (let seed = 1; seed <= seeds; seed++) {
    const outcome = await simulateWorkflows({
      ...{ seed, coordinators: 2, specs, deadly: 0.25, steers: false },
      failpoints: ['workflow.before-submit', 'workflow.between-chunks'],
      contexts: foundContexts(undefined, (queries) => {
        asked += queries;
      }),
    });
    expect({ seed, broken: brokenPromises(outcome) }).toEqual({ seed, broken: [] });
    deaths += [...outcome.deaths.values()].reduce((sum, count) => sum + count, 0);
    const said = saidIn(outcome);
    const wide = said.filter(({ workflow, task }) => workflow === 'wide' && task === 'each');
    expect(wide.map(({ item, instructions }) => [item, instructions]).sort(byNumber)).toEqual(
      Array.from({ length: WIDTH }, (_, n) => [n + 1, `say ${n}`]),
    );
    const join = said.filter(({ workflow }) => workflow === 'join');
    expect(join.map(({ instructions }) => instructions)).toEqual(Array(4).fill('say care'));
  }
  expect(deaths).toBeGreaterThan(0);
  expect(asked).toBeGreaterThan(seeds * (WIDTH + 4));
}, 120_000);

test('what a provider says differently the second time does not change a task that was made', async () => {
  let calls = 0;
  let repeated = 0;
  for (let seed = 1; seed <= 6; seed++) {
    const given = new Map<number, Set<string>>();
    const found = (_: string, query: JsonValue): JsonValue => {
      const answer = `${query} of ${++calls}`;
      const answers = given.get(Number(query)) ?? new Set();
      given.set(Number(query), answers.add(`say ${answer}`));
      return answer;
    };
    const outcome = await simulateWorkflows({
      ...{ seed, coordinators: 2, deadly: 0.3, steers: false, contexts: foundContexts(found) },
      specs: () => [lookingUp(wideWorkflow('wide', 40), '{{ item.one.n }}')],
      failpoints: ['workflow.before-submit', 'workflow.between-chunks'],
    });
    expect({ seed, broken: brokenPromises(outcome) }).toEqual({ seed, broken: [] });
    const made = saidIn(outcome).filter(({ task }) => task === 'each');
    expect(made).toHaveLength(40);
    for (const { item, instructions } of made)
      expect([...(given.get(item - 1) ?? [])]).toContain(instructions);
    repeated += [...given.values()].filter(({ size }) => size > 1).length;
  }
  expect(repeated).toBeGreaterThan(0);
}, 120_000);

function byNumber([a]: readonly unknown[], [b]: readonly unknown[]): number {
  return Number(a) - Number(b);
}
