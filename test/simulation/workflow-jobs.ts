import type { JsonObject } from '../../src/domain/json.js';
import type { ExpansionSpec } from '../../src/domain/workflows/expansion/spec.js';
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

/** Tries until it has the result that it is to have. */
const PATIENT = { maxAttempts: 100, initialBackoffMs: 50, maxBackoffMs: 500, backoffMultiplier: 2 };

const NO_RULES = { combine: [], filter: {}, fieldMappings: {}, conditions: [], validation: [] };

const EACH: ExpansionSpec = {
  type: 'ARRAY',
  arrayMapping: [],
  transformRules: NO_RULES,
  mappingRules: {},
  outputFormat: 'SEPARATE',
  mergeStrategy: null,
  reducer: '',
  maxItems: null,
  itemIdentifier: '',
};

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

/**
 * A workflow by chance. What its tasks come to stands in their input: `bad` ones fail until they are mended; the output
 * is `{n, yes}` of the input.
 */
export function chooseWorkflow(chance: Chance, name: string): WorkflowSpec {
  const badness = chance.happens(0.5) ? 0 : 0.12;
  const bad = () => chance.happens(badness);
  const context: Record<string, JsonObject[] | boolean> = { yes: true, no: false };
  const groups: GroupSpec[] = [];
  const count = chance.between(1, 4);
  for (let g = 0; g < count; g++) {
    const groupId = `g${g}`;
    const tasks: TemplateSpec[] = [];
    const tasksCount = chance.between(1, 3);
    for (let t = 0; t < tasksCount; t++) {
      const taskId = `t${t}`;
      const upstream = tasks.filter(() => chance.happens(0.4)).map((task) => task.taskId);
      const others = groups.flatMap((group) => group.tasks.map((task) => `${group.groupId}.${task.taskId}`));
      const far = others.filter(() => chance.happens(0.15));
      const expands = chance.happens(0.4);
      const key = `list_${g}_${t}`;
      if (expands) {
        const size = chance.happens(0.1) ? 0 : chance.between(1, chance.happens(0.1) ? 40 : 6);
        context[key] = Array.from({ length: size }, (_, n) => ({ n, bad: bad(), yes: chance.happens(0.7) }));
      }
      tasks.push({
        taskId,
        name: `${name} ${groupId}.${taskId}`,
        kind: chance.pick(KINDS) ?? 'a',
        input: expands ? { of: '{{ item.one.n }}' } : { n: t, bad: bad(), yes: chance.happens(0.7) },
        ...(chance.happens(0.25)
          ? {
              lookups: { said: expands ? '{{ item.one.n }}' : ['{{ params.words }}'] },
              instructions: 'with {{ lookups.said }}',
            }
          : { instructions: 'with {{ params.words }}' }),
        messageTemplate: '',
        tools: [],
        files: [],
        resultKey: '',
        dependsOn: [...upstream, ...far],
        condition: conditionBy(chance, groups, [...upstream.map((id) => `${groupId}.${id}`), ...far]),
        validate: '',
        settings: {
          ...NOTHING,
          onFailure: chance.weighted<OnFailure>({ FAIL_WORKFLOW: 4, CONTINUE: 4, ESCALATE: 2 }),
          expansion: expands ? { ...EACH, arrayMapping: [{ name: 'one', path: `context.${key}` }] } : null,
        },
        labels: { workflow: name },
      });
    }
    const dependsOn = groups.filter(() => chance.happens(0.4)).map((group) => group.groupId);
    groups.push({
      groupId,
      name: '',
      dependsOn,
      condition: chance.happens(0.15) ? (chance.pick(['context.yes', 'context.no', 'params.yes']) ?? '') : '',
      instructions: 'all of it',
      timeoutMs: null,
      defaults: NOTHING,
      tasks,
    });
  }
  return { ...EMPTY, name, groups, context };
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

/** Sometimes by what an upstream task came to, which may not be there. */
function conditionBy(chance: Chance, groups: readonly GroupSpec[], upstream: readonly string[]): string {
  if (!chance.happens(0.3)) return '';
  const all = new Map(
    groups.flatMap((group) => group.tasks.map((task) => [`${group.groupId}.${task.taskId}`, task])),
  );
  const plain = upstream.filter((address) => all.get(address)?.settings.expansion === null);
  const address = chance.pick(plain);
  if (address !== undefined && chance.happens(0.7)) return `results.${address}.yes`;
  return chance.pick(['true', 'false', 'context.yes', 'context.no', 'params.yes']) ?? 'true';
}
