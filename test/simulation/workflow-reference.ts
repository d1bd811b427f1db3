import type { JsonObject } from '../../src/domain/json.js';
import type { TemplateSpec, WorkflowSpec } from '../../src/domain/workflows/spec.js';
import type { NodeState, WorkflowEnd } from '../../src/domain/workflows/workflow.js';

/** What a workflow has to come to, by its spec alone. */
export interface Expected {
  readonly end: WorkflowEnd;
  /** Of each group and task, by address; `null`: it depends on when the workflow failed. */
  readonly states: ReadonlyMap<string, NodeState> | null;
}

interface Input {
  readonly bad: boolean;
  readonly yes: boolean;
}

/**
 * Works out what a workflow comes to whose bad tasks fail: those that a person is asked for are mended.
 *
 * @param isMended nothing fails any more
 */
export function expectedOf(spec: WorkflowSpec, isMended = false): Expected {
  const states = new Map<string, NodeState>();
  const says = new Map<string, boolean>();
  let fails = false;
  const before: JsonObject = spec.context;

  const holds = (condition: string): boolean | null => {
    if (condition === '' || condition === 'true') return true;
    if (condition === 'false') return false;
    const [root = '', ...rest] = condition.split('.');
    if (root === 'results') return says.get(rest.slice(0, 2).join('.')) ?? null;
    return (root === 'context' ? before : spec.params)[rest.join('.')] === true;
  };
  const itemsOf = ({ input, settings }: TemplateSpec): readonly Input[] => {
    if (!settings.expansion) return [input as unknown as Input];
    const key = settings.expansion.arrayMapping[0]?.path.slice('context.'.length) ?? '';
    return before[key] as unknown as readonly Input[];
  };
  const isBad = (input: Input, task: TemplateSpec) =>
    input.bad && !isMended && task.settings.onFailure !== 'ESCALATE';

  // A task stands after all that it waits for.
  for (const group of spec.groups) {
    const goes = holds(group.condition);
    for (const task of group.tasks) {
      const address = `${group.groupId}.${task.taskId}`;
      if (goes !== true) {
        states.set(address, 'SKIPPED');
        continue;
      }
      const condition = holds(task.condition);
      if (condition === false) {
        states.set(address, 'SKIPPED');
        continue;
      }
      const items = itemsOf(task);
      const bad = condition === null ? items.length : items.filter((input) => isBad(input, task)).length;
      const fine = condition !== null && bad === 0;
      const some = condition !== null && bad < items.length;
      states.set(address, fine ? 'SUCCEEDED' : some ? 'PARTIAL' : 'FAILED');
      if (fine && !task.settings.expansion) says.set(address, items[0]?.yes === true);
      // A condition that cannot be looked at is nothing that a person could retry.
      if (!fine && task.settings.onFailure !== 'CONTINUE') fails = true;
    }
    const ends = group.tasks.map((task) => states.get(`${group.groupId}.${task.taskId}`));
    const isGood = ends.every((state) => state === 'SUCCEEDED' || state === 'SKIPPED');
    const isSome = ends.some((state) => state === 'SUCCEEDED' || state === 'PARTIAL');
    states.set(
      group.groupId,
      goes !== true ? 'SKIPPED' : isGood ? 'SUCCEEDED' : isSome ? 'PARTIAL' : 'FAILED',
    );
  }
  if (fails) return { end: 'FAILED', states: null };
  const isGood = [...states.values()].every((state) => state === 'SUCCEEDED' || state === 'SKIPPED');
  return { end: isGood ? 'SUCCEEDED' : 'PARTIAL', states };
}
