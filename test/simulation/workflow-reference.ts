import type { JsonObject } from '../../src/domain/json.js';
import type { GroupSpec, TemplateSpec, WorkflowSpec } from '../../src/domain/workflows/spec.js';
import type { NodeState, WorkflowEnd } from '../../src/domain/workflows/workflow.js';
import { inputsOf, sourceOf, type Told, toldOf, VALIDATIONS } from './workflow-items.js';

/** What a workflow has to come to, by its spec alone. */
export interface Expected {
  readonly end: WorkflowEnd;
  /** Of groups and tasks, by address; of what took too long only the group. `null`: it depends on when it failed. */
  readonly states: ReadonlyMap<string, NodeState> | null;
}

/** What is known of a task that has run, for conditions. */
interface Known {
  /** Without an expansion, if it succeeded. */
  readonly told: Told | null;
  /** Of an expansion that was made. */
  readonly items: number | null;
}

/**
 * Works out what a workflow comes to whose bad tasks fail: those that a person is asked for are mended.
 *
 * @param isMended nothing fails any more but what is not valid, too much, or too late
 */
export function expectedOf(spec: WorkflowSpec, isMended = false): Expected {
  // One task of it is never done.
  if (spec.timeoutMs !== null) return { end: 'FAILED', states: null };
  const states = new Map<string, NodeState>();
  const known = new Map<string, Known>();
  let fails = false;

  // A task stands after all that it waits for.
  for (const group of spec.groups) {
    const goes = holds(spec, known, group.condition) === true;
    if (goes && group.timeoutMs !== null) {
      states.set(group.groupId, 'FAILED');
      continue;
    }
    for (const task of group.tasks) {
      const address = `${group.groupId}.${task.taskId}`;
      const condition = goes && holds(spec, known, task.condition);
      if (condition === false) {
        states.set(address, 'SKIPPED');
        continue;
      }
      const source = sourceOf(task);
      const isThere = source === undefined || known.get(source)?.told != null;
      const { state, ...come } = comesTo(spec, task, condition !== null && isThere, isMended);
      states.set(address, state);
      known.set(address, come);
      // A condition that cannot be looked at, or a result that is not valid, is nothing that a person could retry.
      if (state !== 'SUCCEEDED' && task.settings.onFailure !== 'CONTINUE') fails = true;
    }
    states.set(group.groupId, goes ? groupState(group, states) : 'SKIPPED');
  }
  if (fails) return { end: 'FAILED', states: null };
  const isGood = [...states.values()].every((state) => state === 'SUCCEEDED' || state === 'SKIPPED');
  return { end: isGood ? 'SUCCEEDED' : 'PARTIAL', states };
}

/** Which of the tasks that a task becomes succeed, in their order. */
export function successesOf(spec: WorkflowSpec, task: TemplateSpec, isMended: boolean): readonly boolean[] {
  const isValid = VALIDATIONS[task.validate] ?? (() => true);
  const isTended = isMended || task.settings.onFailure === 'ESCALATE';
  return inputsOf(spec, task)
    .map(toldOf)
    .map((told) => (isTended || !told.bad) && isValid(told));
}

function comesTo(
  spec: WorkflowSpec,
  task: TemplateSpec,
  isBegun: boolean,
  isMended: boolean,
): Known & { readonly state: NodeState } {
  const { expansion } = task.settings;
  const inputs = inputsOf(spec, task);
  const isMade = isBegun && inputs.length <= (expansion?.maxItems ?? Infinity);
  if (!isMade) return { state: 'FAILED', told: null, items: null };
  const successes = successesOf(spec, task, isMended);
  const good = successes.filter((one) => one).length;
  const state = good === inputs.length ? 'SUCCEEDED' : good > 0 ? 'PARTIAL' : 'FAILED';
  const [only] = inputs;
  return {
    state,
    told: state === 'SUCCEEDED' && !expansion && only ? toldOf(only) : null,
    items: expansion ? inputs.length : null,
  };
}

function groupState({ groupId, tasks }: GroupSpec, states: ReadonlyMap<string, NodeState>): NodeState {
  const ends = tasks.map((task) => states.get(`${groupId}.${task.taskId}`));
  if (ends.every((state) => state === 'SUCCEEDED' || state === 'SKIPPED')) return 'SUCCEEDED';
  return ends.some((state) => state === 'SUCCEEDED' || state === 'PARTIAL') ? 'PARTIAL' : 'FAILED';
}

/** Whether a condition is true; `null`: what it asks of is not there. */
function holds(spec: WorkflowSpec, known: ReadonlyMap<string, Known>, condition: string): boolean | null {
  if (condition === '' || condition === 'true') return true;
  if (condition === 'false') return false;
  const [, sized] = /^size\(results\.(\w+\.\w+)\.task_results\) > 2$/.exec(condition) ?? [];
  if (sized !== undefined) {
    const items = known.get(sized)?.items ?? null;
    return items === null ? null : items > 2;
  }
  const [, root = '', path = '', rest = ''] = /^(\w+)\.(\w+(?:\.\w+)?)(.*)$/.exec(condition) ?? [];
  if (root !== 'results')
    return (root === 'context' ? spec.context : (spec.params as JsonObject))[path] === true;
  const told = known.get(path)?.told ?? null;
  if (told === null) return null;
  if (rest === '.yes') return told.yes;
  if (rest === '.n > 0 && params.yes') return told.n > 0;
  throw new Error(`no condition of these tests: ${condition}`);
}
