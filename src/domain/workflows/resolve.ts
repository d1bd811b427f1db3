import { cyclesOf } from './cycles.js';
import { fieldsOf } from './fields.js';
import { createSuggestions, meant, namesOf } from './names.js';
import type { Plan, PlanNode, Problem } from './plan.js';
import { createProblemList, type ProblemList } from './problem-list.js';
import { checkResultKeys, resultKeyOf } from './result-keys.js';
import { settle } from './settings.js';
import { at } from './snapshot.js';
import type { GroupSpec, WorkflowSpec } from './spec.js';

/** Groups and tasks of one workflow. */
export const MOST_NODES = 4_096;
/** Dependencies of one workflow. */
export const MOST_EDGES = 65_536;

export type Resolved =
  | { readonly plan: Plan; readonly problems: readonly [] }
  | { readonly plan: null; readonly problems: readonly Problem[] };

/** A node, and the list that its `waitsFor` is while it is being made. */
interface Draft {
  readonly node: PlanNode;
  readonly waitsFor: number[];
  readonly dependsOn: readonly string[];
}

/**
 * What a spec comes to, or all that is wrong with it, 100 problems at most: TOO_LARGE (then it is not looked at any
 * further), DUPLICATE_ID, UNKNOWN_DEPENDENCY, AMBIGUOUS_DEPENDENCY, CYCLE, BAD_RESULT_KEY, RESULT_KEY_TAKEN. Expressions
 * and templates are not looked at.
 */
export function resolve(spec: WorkflowSpec): Resolved {
  const large = tooLarge(spec.groups);
  if (large !== null) return { plan: null, problems: [large] };
  const list = createProblemList();
  const drafts = draft(spec);
  const nodes = drafts.map(({ node }) => node);
  const fieldOf = fieldsOf(nodes);
  checkIds(nodes, fieldOf, list);
  const targets = connect(drafts, nodes, fieldOf, list);
  checkResultKeys(nodes, fieldOf, list);
  for (const { field, reason, description } of cyclesOf({ nodes }, targets)) {
    list.add(field, reason, description);
  }
  return list.problems.length === 0
    ? { plan: { nodes }, problems: [] }
    : { plan: null, problems: list.problems };
}

function tooLarge(groups: readonly GroupSpec[]): Problem | null {
  let nodes = groups.length;
  let edges = 0;
  for (const group of groups) {
    nodes += group.tasks.length;
    edges += group.dependsOn.length;
    for (const task of group.tasks) edges += task.dependsOn.length;
  }
  const told = (description: string) => ({ field: 'spec.groups', reason: 'TOO_LARGE', description });
  if (nodes > MOST_NODES) {
    return told(`has ${nodes} groups and tasks together, and may have ${MOST_NODES}`);
  }
  return edges > MOST_EDGES ? told(`has ${edges} dependencies, and may have ${MOST_EDGES}`) : null;
}

function draft(spec: WorkflowSpec): readonly Draft[] {
  const drafts: Draft[] = [];
  for (const group of spec.groups) {
    const groupNode = drafts.length;
    const tasks = group.tasks.map((_, place) => groupNode + 1 + place);
    const waitsFor: number[] = [];
    drafts.push({
      node: { kind: 'GROUP', node: groupNode, address: group.groupId, group, waitsFor, tasks },
      waitsFor,
      dependsOn: group.dependsOn,
    });
    for (const template of group.tasks) {
      const waitsFor: number[] = [];
      const node: PlanNode = {
        kind: 'TASK',
        node: drafts.length,
        address: `${group.groupId}.${template.taskId}`,
        group,
        waitsFor,
        groupNode,
        template,
        settings: settle(template.settings, group.defaults, spec.defaults),
        resultKey: resultKeyOf(group.groupId, template.taskId, template.resultKey),
      };
      drafts.push({ node, waitsFor, dependsOn: template.dependsOn });
    }
  }
  return drafts;
}

/** Ids are names with dots in them as they like, but what they come to, `group` and `group.task`, is one node's. */
function checkIds(nodes: readonly PlanNode[], fieldOf: (node: PlanNode) => string, list: ProblemList): void {
  const seen = new Map<string, PlanNode>();
  for (const node of nodes) {
    const before = seen.get(node.address);
    if (before === undefined) {
      seen.set(node.address, node);
      continue;
    }
    // Tasks of a group whose id is taken are no news.
    if (node.kind === 'TASK' && before.kind === 'TASK' && node.groupNode !== before.groupNode) {
      if (node.group.groupId === before.group.groupId) continue;
    }
    const field = `${fieldOf(node)}.${node.kind === 'GROUP' ? 'group_id' : 'task_id'}`;
    list.add(field, 'DUPLICATE_ID', `${node.address} is the name of ${fieldOf(before)} already`);
  }
}

/** Finds what dependencies mean. @returns by node: which nodes they are, -1 for none */
function connect(
  drafts: readonly Draft[],
  nodes: readonly PlanNode[],
  fieldOf: (node: PlanNode) => string,
  list: ProblemList,
): readonly (readonly number[])[] {
  const names = namesOf(nodes);
  const suggest = createSuggestions(names);
  return drafts.map(({ node, waitsFor, dependsOn }) => {
    const seen = new Set<number>();
    return dependsOn.map((dependency, place) => {
      const field = () => `${fieldOf(node)}.depends_on[${place}]`;
      const found = meant(names, node, dependency);
      const one = found[0];
      if (one === undefined) {
        const near = suggest(dependency);
        const hint = near === undefined ? '' : `, did you mean ${near}?`;
        list.add(field(), 'UNKNOWN_DEPENDENCY', `there is no group or task ${dependency}${hint}`);
        return -1;
      }
      if (found.length > 1) {
        const some = found.slice(0, 5).map((other) => at(nodes, other).address);
        const more = found.length > 5 ? `, and ${found.length - 5} more` : '';
        list.add(
          field(),
          'AMBIGUOUS_DEPENDENCY',
          `${dependency} is a task of several groups: ${some.join(', ')}${more}`,
        );
        return -1;
      }
      if (!seen.has(one)) {
        seen.add(one);
        waitsFor.push(one);
      }
      return one;
    });
  });
}
