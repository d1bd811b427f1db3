import type { JsonObject, JsonValue } from '../../../src/domain/json.js';
import type { TaskState } from '../../../src/domain/tasks/task-state.js';
import type { ExpansionSpec } from '../../../src/domain/workflows/expansion/spec.js';
import type { TaskNode } from '../../../src/domain/workflows/plan.js';
import type { Scope } from '../../../src/domain/workflows/scope.js';
import type { ItemOutcome } from '../../../src/ports/workflow-record.js';
import { group, NOTHING_SAID, planOf, task } from '../../domain/workflows/specs.js';
import { readExpansion, readTaskData } from './read-config.js';

export const LIMITS = { maxItems: 100_000, workflowId: 'w-1', workflowName: 'Quarter' };

interface NodeFields {
  readonly input?: JsonValue;
  readonly expansion?: ExpansionSpec | null;
  readonly validate?: string;
}

/** The task `reports.each` of a plan. */
export function taskNode({ input = null, expansion = null, validate = '' }: NodeFields = {}): TaskNode {
  const settings = { ...NOTHING_SAID, expansion };
  const [, node] = planOf([group('reports', [task('each', { input, validate, settings })])]).nodes;
  if (node?.kind !== 'TASK') throw new Error('the plan has no task');
  return node;
}

/** An expansion, as JSON documents have it. */
export function expansionOf(config: JsonObject): ExpansionSpec {
  const read = readExpansion(config);
  if (!read.ok) throw new Error(read.problem);
  return read.spec;
}

/** The task of which this is the own data, with its expansion in it. */
export function taskOf(data: JsonObject): TaskNode {
  const read = readTaskData(data);
  if (!read.ok) throw new Error(read.problem);
  return taskNode({ input: read.input, expansion: read.expansion });
}

export function scopeWith(context: JsonObject = {}, rest: Partial<Scope> = {}): Scope {
  return { context, params: {}, results: {}, now: Date.UTC(2026, 2, 2, 10), ...rest };
}

/** 2026-03-02T10:00:00.000Z and so many seconds. */
export function at(seconds: number): number {
  return Date.UTC(2026, 2, 2, 10, 0, seconds);
}

/** An item whose task succeeded, `item` seconds after it was made. */
export function succeeded(item: number, output: JsonValue): ItemOutcome {
  return ended(item, 'SUCCEEDED', JSON.stringify(output));
}

export function ended(
  item: number,
  state: TaskState,
  text = '',
  mediaType = 'application/json',
  error: { readonly kind: string; readonly message: string } | null = null,
): ItemOutcome {
  return {
    item,
    taskId: `task-${item}`,
    series: 0,
    state,
    reason: state === 'SUCCEEDED' ? '' : `because of ${state}`,
    createTime: at(item),
    finishTime: at(2 * item),
    result: {
      outcome: state === 'SUCCEEDED' ? 'SUCCEEDED' : 'FAILED',
      output: { mediaType, data: new TextEncoder().encode(text) },
      summary: '',
      error: error && { ...error, retryable: false, detail: null },
    },
  };
}

/** Outcomes in pages of so many. */
export async function* pagesOf(
  outcomes: readonly ItemOutcome[],
  size = 2,
): AsyncGenerator<readonly ItemOutcome[]> {
  for (let from = 0; from < outcomes.length; from += size) yield outcomes.slice(from, from + size);
}
