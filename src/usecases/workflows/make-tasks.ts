import { ReeveError } from '../../domain/errors.js';
import type { JsonObject, JsonValue } from '../../domain/json.js';
import { childRequestId, childTaskId } from '../../domain/workflows/child-id.js';
import type { Item } from '../../domain/workflows/expansion/items.js';
import { LOOKUPS } from '../../domain/workflows/lookups.js';
import type { TaskNode } from '../../domain/workflows/plan.js';
import { type Scope, variablesOf } from '../../domain/workflows/scope.js';
import type { WorkflowSpec } from '../../domain/workflows/spec.js';
import type { CommonDraft, TaskDraft } from '../../domain/workflows/task-draft.js';
import type { Workflow, WorkflowNode, WorkflowPlace } from '../../domain/workflows/workflow.js';
import type { SubmitItem } from '../submit-tasks.js';
import { type Rendered, render } from './render.js';
import type { WorkflowPorts } from './workflow-ports.js';

/** What items are made for. */
export interface Making {
  readonly workflow: Pick<Workflow, 'org' | 'workflowId' | 'name' | 'submitterSubjectId'>;
  readonly spec: Pick<WorkflowSpec, 'source' | 'jobSpaceId'>;
  readonly node: TaskNode;
  /** As it is; its start names its tasks. */
  readonly state: Pick<WorkflowNode, 'run' | 'total'>;
  readonly startTime: number;
  readonly scope: Scope;
}

export type Made =
  | { readonly ok: true; readonly tasks: readonly SubmitItem[] }
  /** A code, and words. */
  | { readonly ok: false; readonly reason: string };

type WriteSpec = ReturnType<WorkflowPorts['specWriter']['begin']>;

/** What is said of a task is decided by what it is for: its name alone tells a repeat. */
const SAME_BODY = new Uint8Array(32);

/** Items that are filled in together: the first ones, and as many of the next as seem to fit, but no more than these. */
const FIRST = 16;
const MOST = 128;

/**
 * The tasks of items, ready to be submitted: at least one, and further ones while all take at most so many bytes, so that
 * large inputs are made a few at a time. An item that cannot be made is the reason why none is.
 *
 * @param items `null`: the only one of a node without an expansion
 * @param answers to what each looks up, by name; none: nothing is looked up
 */
export const makeTasks =
  ({ ports, specWriter }: Pick<WorkflowPorts, 'ports' | 'specWriter'>) =>
  async (
    making: Making,
    items: readonly Item[] | null,
    maxBytes: number,
    answers: readonly JsonObject[] = [],
  ): Promise<Made> => {
    const all = items ?? [null];
    const own = ownVariables(items).map((of, i) => (answers[i] ? { ...of, [LOOKUPS]: answers[i] } : of));
    const template = templateOf(making.node, items);
    const shared = variablesOf(making.scope);
    let write: WriteSpec;
    try {
      write = specWriter.begin(commonOf(making));
    } catch (error) {
      return refused('', error);
    }
    const tasks: SubmitItem[] = [];
    let bytes = 0;
    let largest = 0;
    while (tasks.length < all.length) {
      const fitting = largest === 0 ? FIRST : Math.floor((maxBytes - bytes) / largest);
      const [from, to] = [tasks.length, tasks.length + Math.max(1, Math.min(fitting, MOST))];
      const { org } = making.workflow;
      const rendered = await render(ports.expressions, org, template, shared, own.slice(from, to));
      for (const made of makeEach(write, making, all.slice(from, to), rendered)) {
        if (!made.ok) return made;
        const size = made.task.spec.body.length;
        if (tasks.length > 0 && bytes + size > maxBytes) return { ok: true, tasks };
        tasks.push(made.task);
        bytes += size;
        largest = Math.max(largest, size);
      }
    }
    return { ok: true, tasks };
  };

type Refused = Extract<Made, { ok: false }>;
type MadeOne = { readonly ok: true; readonly task: SubmitItem } | Refused;

/** One by one, when they are asked for. */
function* makeEach(
  write: WriteSpec,
  making: Making,
  items: readonly (Item | null)[],
  rendered: readonly Rendered[],
): Generator<MadeOne> {
  for (const [i, one] of rendered.entries()) {
    const item = items[i] ?? null;
    if (!one.ok) {
      yield { ok: false, reason: templateFailed(item, one.description) };
      return;
    }
    try {
      yield { ok: true, task: submitItemOf(write, making, item, one.value as unknown as Filled) };
    } catch (error) {
      yield refused(item === null ? '' : `item ${item.item}: `, error);
    }
  }
}

/** @throws what is no refusal */
function refused(at: string, error: unknown): Refused {
  if (!(error instanceof ReeveError)) throw error;
  return { ok: false, reason: `SUBMISSION_REFUSED: ${at}${error.message}` };
}

/** All that is rendered of a task, as one value. */
interface Filled {
  readonly input: JsonValue;
  readonly group: JsonValue;
  readonly instructions: JsonValue;
  readonly message: JsonValue;
  readonly files: readonly JsonValue[];
  readonly limits: readonly JsonValue[];
  readonly fairness: JsonValue;
  readonly affinity: JsonValue;
}

/** What the templates of each item see besides what all see. */
export function ownVariables(items: readonly Item[] | null): readonly JsonObject[] {
  return items === null ? [{}] : items.map(({ data }) => ({ item: data }));
}

export function templateFailed(item: Item | null, description: string): string {
  return `TEMPLATE_FAILED: ${item === null ? '' : `item ${item.item}: `}${description}`;
}

/** All templates of a task, as one value. */
export function templateOf({ group, template }: TaskNode, items: readonly Item[] | null): JsonObject {
  return {
    input: withoutSources(template.input, items?.[0]?.sources ?? []),
    group: group.instructions,
    instructions: template.instructions,
    message: template.messageTemplate,
    files: template.files,
    limits: template.keys?.limits ?? [],
    fairness: template.keys?.fairness ?? '',
    affinity: template.keys?.affinity ?? '',
  };
}

/** An array that items are made from is in none of them whole. */
function withoutSources(input: JsonValue, sources: readonly string[]): JsonValue {
  if (sources.length === 0 || !isObject(input)) return input;
  return Object.fromEntries(Object.entries(input).filter(([key]) => !sources.includes(key)));
}

function submitItemOf(write: WriteSpec, making: Making, item: Item | null, filled: Filled): SubmitItem {
  const { workflow, node, state, startTime } = making;
  const number = item?.item ?? 1;
  const key = { workflowId: workflow.workflowId, node: node.node, run: state.run, item: number };
  const place = { ...key, groupId: node.group.groupId, templateId: node.template.taskId };
  const { spec, terms } = write(draftOf(making, place, item, filled));
  return {
    spec,
    terms,
    requireCandidate: false,
    request: { requestId: childRequestId(key), bodyHash: SAME_BODY },
    taskId: childTaskId(startTime, key),
    workflow: place,
  };
}

function commonOf({ workflow, spec, node, startTime }: Making): CommonDraft {
  const { template, settings } = node;
  return {
    org: workflow.org,
    submitterSubjectId: workflow.submitterSubjectId,
    jobSpaceId: spec.jobSpaceId,
    source: spec.source,
    kind: template.kind,
    labels: template.labels,
    settings,
    deadline: settings.timeoutMs === null ? null : startTime + settings.timeoutMs,
  };
}

function draftOf({ node, state }: Making, place: WorkflowPlace, item: Item | null, f: Filled): TaskDraft {
  const { template } = node;
  return {
    name: template.name,
    input: inputOf(template.input, item, f.input),
    instructions: [textOf(f.group), textOf(f.instructions)].filter((text) => text !== '').join('\n\n'),
    message: textOf(f.message),
    tools: template.tools,
    files: textsOf(f.files),
    workflow: place,
    keys: {
      limitKeys: textsOf(f.limits).filter((key) => key !== ''),
      fairnessKey: textOf(f.fairness),
      affinityKey: textOf(f.affinity),
    },
    item: item && {
      sequenceNum: item.item,
      identifier: item.identifier,
      data: item.data,
      baseTaskId: node.address,
      totalCount: state.total,
    },
  };
}

/** What an item is made of stands in its input by name, unless that is something else than an object. */
function inputOf(asked: JsonValue, item: Item | null, filled: JsonValue): JsonValue {
  if (item === null) return filled;
  if (asked === null) return item.elements;
  return isObject(filled) ? { ...filled, ...item.elements } : filled;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A template that is a list stands for its elements. */
function textsOf(values: readonly JsonValue[]): readonly string[] {
  return values.flat().map((one) => textOf(one as JsonValue));
}

function textOf(value: JsonValue): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
