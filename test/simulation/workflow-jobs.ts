import type { JsonObject, JsonValue } from '../../src/domain/json.js';
import type {
  GroupSpec,
  OnFailure,
  TaskDefaults,
  TemplateSpec,
  WorkflowSpec,
} from '../../src/domain/workflows/spec.js';
import { NOTHING_SAID as NOTHING } from '../domain/workflows/specs.js';
import type { Chance } from './chance.js';
import { KINDS } from './jobs.js';
import {
  type ChosenExpansion,
  chooseExpansion,
  chooseList,
  EACH,
  expansionOf,
} from './workflow-expansions.js';
import { VALIDATIONS } from './workflow-items.js';

/** Tries until it has the result that it is to have. */
const PATIENT = { maxAttempts: 100, initialBackoffMs: 50, maxBackoffMs: 500, backoffMultiplier: 2 };

const EMPTY: WorkflowSpec = {
  name: '',
  description: '',
  labels: {},
  groups: [],
  context: {},
  params: { words: 'care', yes: true },
  timeoutMs: null,
  defaults: { ...NOTHING, retry: PATIENT },
  submitterSubjectId: 'client',
  jobSpaceId: '',
  source: 'AUTOMATED',
};

/** Longer than anything takes that somebody does. */
const LATE_MS = 15_000;

/**
 * A workflow by chance. What its tasks come to stands in their input: `bad` ones fail until they are mended; the output
 * is `{n, yes, score}` of the input. Nobody does tasks of the kind `nobody`: their group, or the workflow, takes too long.
 */
export function chooseWorkflow(chance: Chance, name: string): WorkflowSpec {
  const badness = chance.happens(0.5) ? 0 : 0.12;
  const bad = () => chance.happens(badness);
  const context: Record<string, JsonValue> = { yes: true, no: false };
  const groups: GroupSpec[] = [];
  const isTimed = chance.happens(0.08);
  const count = chance.between(1, 4);
  for (let g = 0; g < count; g++) {
    const groupId = `g${g}`;
    const isLate = chance.happens(0.12) && !(isTimed && g === 0);
    // What a group that is late has come to depends on when it was: nobody looks at that.
    const known = groups.filter(({ timeoutMs }) => timeoutMs === null);
    const tasks: TemplateSpec[] = [];
    const tasksCount = chance.between(1, 3);
    for (let t = 0; t < tasksCount; t++) {
      const taskId = `t${t}`;
      const upstream = tasks.filter(() => chance.happens(0.4)).map((task) => task.taskId);
      const others = known.flatMap((group) => group.tasks.map((task) => `${group.groupId}.${task.taskId}`));
      const far = others.filter(() => chance.happens(0.15));
      const here = isLate ? [] : [{ groupId, tasks }];
      const expands = chance.happens(0.4)
        ? expansionBy(chance, [...known, ...here], `list_${g}_${t}`, bad)
        : null;
      const list = chance.happens(0.3) && { list: chooseList(chance, chance.between(0, 4), bad) as never };
      Object.assign(context, expands?.lists);
      const onFailure = isLate
        ? 'CONTINUE'
        : chance.weighted<OnFailure>({ FAIL_WORKFLOW: 4, CONTINUE: 4, ESCALATE: 2 });
      tasks.push({
        ...taskOf(name, taskId, { n: t, bad: bad(), yes: chance.happens(0.7), ...list }, NOTHING),
        name: `${name} ${groupId}.${taskId}`,
        kind: chance.pick(KINDS) ?? 'a',
        ...(expands && { input: { of: '{{ item.sequence_num + 1 }} of {{ size(context) }}' } }),
        ...(chance.happens(0.25)
          ? {
              lookups: { said: expands ? '{{ item.sequence_num }}' : ['{{ params.words }}'] },
              instructions: 'with {{ lookups.said }}',
            }
          : { instructions: 'with {{ params.words }}' }),
        dependsOn: [...upstream, ...far],
        condition: conditionBy(chance, isLate ? [] : [...known, { groupId, tasks }], [
          ...upstream.map((id) => `${groupId}.${id}`),
          ...far,
        ]),
        validate: chance.happens(0.1) ? (chance.pick(Object.keys(VALIDATIONS)) ?? '') : '',
        settings: { ...NOTHING, onFailure, expansion: expands?.expansion ?? null },
      });
    }
    if (isLate || (isTimed && g === 0)) {
      const settings = { ...NOTHING, onFailure: 'CONTINUE' } as const;
      tasks.push({ ...taskOf(name, 'stuck', { n: 0, bad: false, yes: true }, settings), kind: 'nobody' });
    }
    const dependsOn = groups.filter(() => chance.happens(0.4)).map((group) => group.groupId);
    groups.push({
      ...groupOf(groupId, tasks),
      dependsOn,
      condition: isTimed ? '' : groupConditionBy(chance),
      instructions: 'all of it',
      timeoutMs: isLate ? LATE_MS : null,
    });
  }
  return { ...EMPTY, name, groups, context, timeoutMs: isTimed ? 2 * LATE_MS : null };
}

/** Many items of one task, and one that waits for them all. */
export function wideWorkflow(name: string, width: number): WorkflowSpec {
  const list = Array.from({ length: width }, (_, n) => ({ n, bad: false, yes: true }));
  const each = { ...EACH, arrayMapping: [{ name: 'one', path: 'context.list' }] };
  return {
    ...EMPTY,
    name,
    groups: [
      groupOf('wide', [
        taskOf(
          name,
          'each',
          { of: '{{ item.one.n }}' },
          { ...NOTHING, onFailure: 'CONTINUE', expansion: each },
        ),
        {
          ...taskOf(
            name,
            'last',
            { n: 1, bad: false, yes: true },
            { ...NOTHING, onFailure: 'FAIL_WORKFLOW' },
          ),
          dependsOn: ['each'],
        },
      ]),
    ],
    context: { list },
  };
}

/** Tasks without a dependency, and one that waits for them all: the last two end at about the same time. */
export function joinWorkflow(name: string, width: number): WorkflowSpec {
  const settings = { ...NOTHING, onFailure: 'FAIL_WORKFLOW' } as const;
  const input = { n: 1, bad: false, yes: true };
  const ids = Array.from({ length: width }, (_, i) => `t${i}`);
  const join = { ...taskOf(name, 'join', input, settings), dependsOn: ids };
  return {
    ...EMPTY,
    name,
    groups: [groupOf('g', [...ids.map((id) => taskOf(name, id, input, settings)), join])],
  };
}

/** A group with a task that nobody does, and that can be done without. */
export function lateWorkflow(name: string): WorkflowSpec {
  const settings = { ...NOTHING, onFailure: 'CONTINUE' } as const;
  const stuck = { ...taskOf(name, 'stuck', { n: 0, bad: false, yes: true }, settings), kind: 'nobody' };
  return { ...EMPTY, name, groups: [{ ...groupOf('late', [stuck]), timeoutMs: 3_000 }] };
}

function groupOf(groupId: string, tasks: readonly TemplateSpec[]): GroupSpec {
  return {
    groupId,
    name: '',
    dependsOn: [],
    condition: '',
    instructions: '',
    timeoutMs: null,
    defaults: NOTHING,
    tasks,
  };
}

function taskOf(workflow: string, taskId: string, input: JsonObject, settings: TaskDefaults): TemplateSpec {
  return {
    taskId,
    name: '',
    kind: 'a',
    input,
    instructions: '',
    messageTemplate: '',
    tools: [],
    files: [],
    resultKey: '',
    dependsOn: [],
    condition: '',
    validate: '',
    settings,
    labels: { workflow },
  };
}

function groupConditionBy(chance: Chance): string {
  return chance.happens(0.15) ? (chance.pick(['context.yes', 'context.no', 'params.yes']) ?? '') : '';
}

/** From a list of the context, or one that a task before it has found. */
function expansionBy(
  chance: Chance,
  groups: readonly Pick<GroupSpec, 'groupId' | 'tasks'>[],
  key: string,
  bad: () => boolean,
): ChosenExpansion {
  const finders = groups.flatMap(({ groupId, tasks }) =>
    tasks.flatMap(({ taskId, input, settings }) =>
      settings.expansion === null && (input as JsonObject).list ? [`${groupId}.${taskId}`] : [],
    ),
  );
  const finder = chance.pick(finders);
  return finder !== undefined && chance.happens(0.6)
    ? { expansion: expansionOf(chance, finder), lists: {} }
    : chooseExpansion(chance, key, bad);
}

/** Sometimes by what an upstream task came to, which may not be there. */
function conditionBy(
  chance: Chance,
  groups: readonly Pick<GroupSpec, 'groupId' | 'tasks'>[],
  upstream: readonly string[],
): string {
  if (!chance.happens(0.3)) return '';
  const all = new Map(
    groups.flatMap((group) => group.tasks.map((task) => [`${group.groupId}.${task.taskId}`, task])),
  );
  const address = chance.pick(upstream.filter((each) => all.has(each)));
  const expansion = all.get(address ?? '')?.settings.expansion;
  if (address !== undefined && chance.happens(0.7)) {
    if (!expansion) return `results.${address}${chance.pick(['.yes', '.n > 0 && params.yes'])}`;
    if (expansion.outputFormat === 'SEPARATE') return `size(results.${address}.task_results) > 2`;
  }
  return chance.pick(['true', 'false', 'context.yes', 'context.no', 'params.yes']) ?? 'true';
}
