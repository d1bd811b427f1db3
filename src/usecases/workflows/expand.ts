import type { JsonValue } from '../../domain/json.js';
import { shown } from '../../domain/policies/answer-fields.js';
import { arraysOf } from '../../domain/workflows/expansion/arrays.js';
import { type Blueprint, dataOf, fieldAt, objectOf } from '../../domain/workflows/expansion/blueprint.js';
import { problemsOf } from '../../domain/workflows/expansion/check-spec.js';
import { countCombinations, grouped } from '../../domain/workflows/expansion/counting.js';
import { type Field, ruleOf } from '../../domain/workflows/expansion/fields.js';
import {
  type Expanded,
  type ExpansionLimits,
  identifierOf,
  itemsOf,
  type Naming,
  repeatedNames,
} from '../../domain/workflows/expansion/items.js';
import { mapped } from '../../domain/workflows/expansion/mapping.js';
import { elementsOf, metadataOf } from '../../domain/workflows/expansion/metadata.js';
import { expansionFailed, NotExpanded } from '../../domain/workflows/expansion/not-expanded.js';
import type { ExpansionSpec } from '../../domain/workflows/expansion/spec.js';
import { MAX_OUTPUT_BYTES } from '../../domain/workflows/outputs/limits.js';
import { LEAST_SEPARATE_BYTES } from '../../domain/workflows/outputs/separate.js';
import { pathText, type ValuePath } from '../../domain/workflows/paths.js';
import type { TaskNode } from '../../domain/workflows/plan.js';
import { type Scope, variablesOf } from '../../domain/workflows/scope.js';
import type { ExpressionEngine } from '../../ports/expression-engine.js';
import { type Asking, evaluateAll, lengthOf, objectionOf, yesOrNo } from './evaluate-all.js';
import { findArrays } from './expansion-arrays.js';

/** What computed fields of all items may take, as JSON, in characters. */
const MAX_COMPUTED_LENGTH = 32 * 1024 * 1024;

/**
 * What a task becomes: arrays are found and filtered, their combinations counted, those that conditions leave out are
 * left out, mapping rules applied, items checked and named, in this order. The same scope gives the same items. A task
 * without expansion has one item without elements.
 *
 * @throws {ReeveError} UNAVAILABLE, when expressions cannot be evaluated at the time
 */
export async function expandNode(
  engine: ExpressionEngine,
  org: string,
  node: TaskNode,
  scope: Scope,
  limits: ExpansionLimits,
): Promise<Expanded> {
  const spec = node.settings.expansion;
  if (!spec) return ONE;
  try {
    return await expanded({ engine, org, shared: variablesOf(scope) }, node, spec, scope, limits);
  } catch (error) {
    if (error instanceof NotExpanded) return { ok: false, reason: error.reason };
    throw error;
  }
}

const ALONE = { item: 1, identifier: '1', data: {}, elements: {}, sources: [] };
const ONE: Expanded = {
  ok: true,
  total: 1,
  items: (from, to) => (from < 1 && to >= 1 ? [ALONE] : []),
  repeated: null,
};

async function expanded(
  asking: Asking,
  node: TaskNode,
  spec: ExpansionSpec,
  scope: Scope,
  limits: ExpansionLimits,
): Promise<Expanded> {
  const [problem] = problemsOf(spec);
  if (problem) throw expansionFailed(`${problem.field}: ${problem.description}`);
  const arrays = arraysOf(spec);
  const { values, sources } = await findArrays(asking, arrays, node.template.input, scope);
  const axes = values.filter((_, at) => arrays[at]?.combined);
  const maxItems = Math.min(spec.maxItems ?? limits.maxItems, limits.maxItems);
  const { conditions, fieldMappings } = spec.transformRules;
  const counted = countCombinations(
    axes.map(({ length }) => length),
    { maxItems, conditional: conditions.length > 0 },
  );
  if ('reason' in counted) throw new NotExpanded(counted.reason);
  const { workflowId, workflowName } = limits;
  const metadata = metadataOf(spec, arrays, values, {
    baseTaskId: node.address,
    parentContext: { workflow_id: workflowId, group_id: node.group.groupId, workflow_name: workflowName },
  });
  const first = mapped(elementsOf(arrays, values), metadata, fieldMappings);
  const all: Blueprint = { axes, elements: first.fields, metadata, selected: null, total: counted.count };
  requireSomewhere(all, first.made, 'transform_rules.field_mappings');
  const left = await leaveOut(asking, all, conditions, maxItems);
  const whole = await compute(asking, left, spec);
  requireRoom(spec, whole.total);
  const naming = await checkAndName(asking, whole, spec);
  return {
    ok: true,
    total: whole.total,
    items: (from, to) => itemsOf(whole, naming, sources, from, to),
    repeated: repeatedNames(whole, naming),
  };
}

/** That what cannot be kept in the end is not begun. */
function requireRoom({ outputFormat }: ExpansionSpec, total: number): void {
  const least = total * LEAST_SEPARATE_BYTES;
  if (outputFormat !== 'SEPARATE' || least <= MAX_OUTPUT_BYTES) return;
  const sizes = `at least ${grouped(least)} bytes as JSON, at most ${grouped(MAX_OUTPUT_BYTES)}`;
  throw new NotExpanded(
    `TOO_MANY_ITEMS: ${grouped(total)} results, each by itself (SEPARATE), take ${sizes}; MERGE and SINGLE take less`,
  );
}

/** Combinations of which all conditions are true. In these, items are numbered as if all stayed. */
async function leaveOut(
  asking: Asking,
  all: Blueprint,
  conditions: readonly string[],
  maxItems: number,
): Promise<Blueprint> {
  if (conditions.length === 0) return all;
  const kept: number[] = [];
  await evaluateAll(asking, conditions, all.total, itemAt(all), (outcomes, n) => {
    for (const [at, outcome] of outcomes.entries()) {
      const stays = yesOrNo(outcome);
      if (stays === false) return true;
      if (stays !== true)
        throw expansionFailed(`transform_rules.conditions[${at}], of ${named(all, n)}: ${stays}`);
    }
    return kept.push(n) <= maxItems;
  });
  if (kept.length > maxItems) {
    throw new NotExpanded(`TOO_MANY_ITEMS: more than ${grouped(maxItems)} items are left after conditions`);
  }
  return { ...all, selected: Uint32Array.from(kept), total: kept.length };
}

/** With fields as mapping rules have them. */
async function compute(asking: Asking, items: Blueprint, spec: ExpansionSpec): Promise<Blueprint> {
  const { fields, made, computed } = mapped(items.elements, items.metadata, spec.mappingRules);
  requireSomewhere(items, made, 'mapping_rules');
  const columns = computed.map((): JsonValue[] => []);
  let length = 0;
  const expressions = computed.map(({ expression }) => expression);
  await evaluateAll(asking, expressions, items.total, itemAt(items), (outcomes, n) => {
    for (const [at, outcome] of outcomes.entries()) {
      const rule = `mapping_rules["${computed[at]?.name}"]`;
      if (!outcome.ok) throw expansionFailed(`${rule}, of ${named(items, n)}: ${outcome.message}`);
      length += lengthOf(outcome.value);
      if (length > MAX_COMPUTED_LENGTH) {
        throw expansionFailed(
          `${rule}: what is computed takes more than ${grouped(MAX_COMPUTED_LENGTH)} characters`,
        );
      }
      columns[at]?.push(outcome.value);
    }
    return true;
  });
  const results = computed.map(({ name }, at): Field => {
    return { name, origin: { kind: 'COMPUTED', values: columns[at] ?? [] }, path: [] };
  });
  return { ...items, elements: [...fields, ...results] };
}

/** Checks each item, and finds out how it is called. */
async function checkAndName(asking: Asking, items: Blueprint, spec: ExpansionSpec): Promise<Naming> {
  const { validation } = spec.transformRules;
  const rule = spec.itemIdentifier && ruleOf(spec.itemIdentifier, [...items.elements, ...items.metadata]);
  const byCel = rule !== '' && rule.kind === 'CEL';
  const names: string[] = [];
  const expressions = byCel ? [...validation, spec.itemIdentifier] : validation;
  await evaluateAll(asking, expressions, items.total, itemAt(items), (outcomes, n) => {
    for (const [at, check] of validation.entries()) {
      const objection = objectionOf(outcomes[at], `${shown(check)} is false`);
      if (objection)
        throw expansionFailed(`transform_rules.validation[${at}], of ${named(items, n)}: ${objection}`);
    }
    const outcome = outcomes[validation.length];
    if (outcome) {
      const name = outcome.ok ? identifierOf(outcome.value) : undefined;
      if (name === undefined) {
        const found = outcome.ok ? `${shown(outcome.value)} names nothing` : outcome.message;
        throw expansionFailed(`item_identifier, of ${named(items, n)}: ${found}`);
      }
      names.push(name);
    }
    return true;
  });
  if (byCel) return names;
  return rule !== '' && rule.kind === 'FIELD' ? namingBy(items, rule.field, rule.path) : null;
}

/** @throws {NotExpanded} if an item has nothing there by which it could be called */
function namingBy(items: Blueprint, field: Field, path: ValuePath): Field {
  const naming = { ...field, path: [...field.path, ...path] };
  for (let n = 0; n < items.total; n++) {
    if (identifierOf(fieldAt(items, naming, n)) !== undefined) continue;
    throw expansionFailed(`item_identifier: ${named(items, n)} has no ${pathText([field.name, ...path])}`);
  }
  return naming;
}

/** @throws {NotExpanded} if a field is in no item at all: its name is wrong */
function requireSomewhere(items: Blueprint, fields: readonly Field[], rules: string): void {
  for (const field of fields) {
    let found = items.total === 0;
    for (let n = 0; n < items.total && !found; n++) found = fieldAt(items, field, n) !== undefined;
    if (!found) throw expansionFailed(`${rules}["${field.name}"]: no item has ${pathText(field.path)} there`);
  }
}

function itemAt(items: Blueprint): (n: number) => { readonly item: ReturnType<typeof dataOf> } {
  return (n) => ({ item: dataOf(items, n) });
}

/** An item as errors name it. */
function named(items: Blueprint, n: number): string {
  return `item ${n + 1} ${shown(objectOf(items, items.elements, n))}`;
}
