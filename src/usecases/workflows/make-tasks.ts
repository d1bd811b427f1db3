import { ReeveError } from '../../domain/errors.js';
import type { JsonObject, JsonValue } from '../../domain/json.js';
import { childRequestId, childTaskId } from '../../domain/workflows/child-id.js';
import type { Item } from '../../domain/workflows/expansion/items.js';
import { LOOKUPS } from '../../domain/workflows/lookups.js';
import type { TaskNode } from '../../domain/workflows/plan.js';
import { type Scope, variablesOf } from '../../domain/workflows/scope.js';
import type { WorkflowSpec } from '../../domain/workflows/spec.js';
import type { TaskDraft } from '../../domain/workflows/task-draft.js';
import type { Workflow, WorkflowNode } from '../../domain/workflows/workflow.js';
import type { SubmitItem } from '../submit-tasks.js';
import { render } from './render.js';
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

/** What is said of a task is decided by what it is for: its name alone tells a repeat. */
const SAME_BODY = new Uint8Array(32);

/**
 * The tasks of items, ready to be submitted; an item that cannot be made is the reason why none is.
 *
 * @param items `null`: the only one of a node without an expansion
 * @param answers to what each looks up, by name; none: nothing is looked up
 */
export const makeTasks =
  ({ ports, specWriter }: Pick<WorkflowPorts, 'ports' | 'specWriter'>) =>
  async (
    making: Making,
    items: readonly Item[] | null,
    answers: readonly JsonObject[] = [],
  ): Promise<Made> => {
    const { workflow, node, scope } = making;
    const template = templateOf(node, items);
    const own = ownVariables(items).map((of, i) => (answers[i] ? { ...of, [LOOKUPS]: answers[i] } : of));
    const rendered = await render(ports.expressions, workflow.org, template, variablesOf(scope), own);
    const tasks: SubmitItem[] = [];
    for (const [i, one] of rendered.entries()) {
      const item = items?.[i] ?? null;
      const at = item === null ? '' : `item ${item.item}: `;
      if (!one.ok) return { ok: false, reason: templateFailed(item, one.description) };
      try {
        tasks.push(submitItemOf(specWriter, making, item, one.value as unknown as Filled));
      } catch (error) {
        if (!(error instanceof ReeveError)) throw error;
        return { ok: false, reason: `SUBMISSION_REFUSED: ${at}${error.message}` };
      }
    }
    return { ok: true, tasks };
  };

/** All that is rendered of a task, as one value. */
interface Filled {
  readonly input: JsonValue;
  readonly group: JsonValue;
  readonly instructions: JsonValue;
  readonly message: JsonValue;
  readonly files: readonly JsonValue[];
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
  };
}

/** An array that items are made from is in none of them whole. */
function withoutSources(input: JsonValue, sources: readonly string[]): JsonValue {
  if (sources.length === 0 || !isObject(input)) return input;
  return Object.fromEntries(Object.entries(input).filter(([key]) => !sources.includes(key)));
}

function submitItemOf(
  specWriter: WorkflowPorts['specWriter'],
  making: Making,
  item: Item | null,
  filled: Filled,
): SubmitItem {
  const { workflow, node, state, startTime } = making;
  const number = item?.item ?? 1;
  const key = { workflowId: workflow.workflowId, node: node.node, run: state.run, item: number };
  const { spec, terms } = specWriter.write(draftOf(making, item, filled));
  return {
    spec,
    terms,
    requireCandidate: false,
    request: { requestId: childRequestId(key), bodyHash: SAME_BODY },
    taskId: childTaskId(startTime, key),
    workflow: { ...key, groupId: node.group.groupId, templateId: node.template.taskId },
  };
}

function draftOf(
  { workflow, spec, node, state, startTime }: Making,
  item: Item | null,
  f: Filled,
): TaskDraft {
  const { template, settings } = node;
  return {
    org: workflow.org,
    submitterSubjectId: workflow.submitterSubjectId,
    jobSpaceId: spec.jobSpaceId,
    source: spec.source,
    kind: template.kind,
    name: template.name,
    labels: template.labels,
    input: inputOf(template.input, item, f.input),
    instructions: [textOf(f.group), textOf(f.instructions)].filter((text) => text !== '').join('\n\n'),
    message: textOf(f.message),
    tools: template.tools,
    files: f.files.flat().map((file) => textOf(file as JsonValue)),
    settings,
    deadline: settings.timeoutMs === null ? null : startTime + settings.timeoutMs,
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

function textOf(value: JsonValue): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
