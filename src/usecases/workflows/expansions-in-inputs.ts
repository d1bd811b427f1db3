import { isObject } from '../../domain/policies/answer-fields.js';
import { fieldsOf } from '../../domain/workflows/fields.js';
import type { Plan, Problem } from '../../domain/workflows/plan.js';

const KEYS = ['expansion_config', 'expansionConfig'];

/**
 * EXPANSION_IN_INPUT: documents may have an expansion in the input that it is about, from where who reads them takes it
 * (`SHAPES` of the SDK). In a message it is input like any other, which its sender may not have meant.
 */
export function expansionsInInputs({ nodes }: Plan): readonly Problem[] {
  const fieldOf = fieldsOf(nodes);
  return nodes.flatMap((node): readonly Problem[] => {
    const input = node.kind === 'TASK' ? node.template.input : null;
    const key = isObject(input) ? KEYS.find((each) => Object.hasOwn(input, each)) : undefined;
    if (key === undefined) return [];
    const description = `${key} is input like any other here; what makes many tasks of one is settings.expansion`;
    return [{ field: `${fieldOf(node)}.input.${key}`, reason: 'EXPANSION_IN_INPUT', description }];
  });
}
