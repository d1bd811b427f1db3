import { fieldsOf } from '../fields.js';
import type { Plan, Problem, TaskNode } from '../plan.js';
import { createProblemList } from '../problem-list.js';
import { problemsOf } from './check-spec.js';

/** What is wrong with the expansions of a plan, whatever their data: BAD_EXPANSION; 100 problems at most. */
export function expansionProblems({ nodes }: Plan): readonly Problem[] {
  const list = createProblemList();
  const fieldOf = fieldsOf(nodes);
  const seen = new Set<string>();
  for (const node of nodes) {
    if (node.kind === 'GROUP' || !node.settings.expansion) continue;
    const group = nodes[node.groupNode];
    const field = fieldOfExpansion(node, fieldOf(node), group ? fieldOf(group) : '');
    // What is a default of many is told of once.
    if (seen.has(field)) continue;
    seen.add(field);
    for (const { field: within, description } of problemsOf(node.settings.expansion)) {
      list.add(`${field}.${within}`, 'BAD_EXPANSION', description);
    }
  }
  return list.problems;
}

/** Where the expansion that is in force stands. */
function fieldOfExpansion({ template, group }: TaskNode, task: string, ofGroup: string): string {
  if (template.settings.expansion) return `${task}.settings.expansion`;
  return group.defaults.expansion ? `${ofGroup}.defaults.expansion` : 'spec.defaults.expansion';
}
