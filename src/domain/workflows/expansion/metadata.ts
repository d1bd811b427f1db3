import type { JsonObject, JsonValue } from '../../json.js';
import type { SourceArray } from './arrays.js';
import type { Field, Origin } from './fields.js';
import type { ExpansionSpec } from './spec.js';

/** Where items come from, as templates see it. */
export interface ItemOrigin {
  /** `group.task`. */
  readonly baseTaskId: string;
  /** `{workflow_id, group_id, workflow_name}`. */
  readonly parentContext: JsonObject;
}

/** Names that elements cannot have, as items have them otherwise. */
export function reservedNames(spec: ExpansionSpec): readonly string[] {
  const ofAll = ['sequence_num', 'base_task_id', 'total_count', 'parent_context', '__proto__'];
  if (spec.type !== 'MATRIX') return ofAll;
  return [...ofAll, 'combination', ...spec.arrayMapping.map(({ name }) => `${name}_values`)];
}

/** What templates see of an item besides its elements. @param values of the arrays, in their order */
export function metadataOf(
  spec: ExpansionSpec,
  arrays: readonly SourceArray[],
  values: readonly (readonly JsonValue[])[],
  { baseTaskId, parentContext }: ItemOrigin,
): readonly Field[] {
  const ofAll = [
    field('sequence_num', { kind: 'NUMBER' }),
    field('base_task_id', { kind: 'SAME', value: baseTaskId }),
    field('total_count', { kind: 'TOTAL' }),
    field('parent_context', { kind: 'SAME', value: parentContext }),
  ];
  if (spec.type !== 'MATRIX') return ofAll;
  return [
    ...ofAll,
    field('combination', { kind: 'COMBINATION' }),
    ...arrays.map(({ name }, at) => field(`${name}_values`, { kind: 'SAME', value: values[at] ?? [] })),
  ];
}

/** Elements by the names of their arrays; an array that is not combined is a list. */
export function elementsOf(
  arrays: readonly SourceArray[],
  values: readonly (readonly JsonValue[])[],
): readonly Field[] {
  let axis = 0;
  return arrays.map(({ name, combined }, at) =>
    field(name, combined ? { kind: 'AXIS', axis: axis++ } : { kind: 'SAME', value: values[at] ?? [] }),
  );
}

function field(name: string, origin: Origin): Field {
  return { name, origin, path: [] };
}
