import type { JsonObject, JsonValue } from '../../../src/domain/json.js';
import type { ExpressionEngine } from '../../../src/ports/expression-engine.js';
import type { ItemOutcome } from '../../../src/ports/workflow-record.js';
import { type GatherOptions, gather } from '../../../src/usecases/workflows/gather.js';
import { expansionOf, pagesOf, scopeWith, succeeded, taskNode } from './expansion-world.js';

export interface Told extends Partial<GatherOptions> {
  readonly validate?: string;
  readonly total?: number;
  readonly params?: JsonObject;
}

/** What an agent says of its failure. */
export const THREW = { kind: 'ValueError', message: 'no such page' };

/** @param config without what makes items; `null`: a task without expansion */
export function gatherWith(
  engine: ExpressionEngine,
  config: JsonObject | null,
  outcomes: readonly ItemOutcome[],
  told: Told = {},
) {
  const { validate = '', total = outcomes.length, params = {}, partial = false, items } = told;
  const expansion = config && expansionOf({ type: 'array', array_mapping: { x: 'xs' }, ...config });
  const node = taskNode({ expansion, validate });
  const options = items ? { partial, items } : { partial };
  return gather(engine, 'acme', node, scopeWith({}, { params }), total, pagesOf(outcomes), options);
}

/** What comes of outputs of which all succeeded. */
export async function mergedWith(
  engine: ExpressionEngine,
  config: JsonObject,
  outputs: readonly JsonValue[],
): Promise<JsonObject> {
  const outcomes = outputs.map((output, n) => succeeded(n + 1, output));
  const { value } = await gatherWith(engine, config, outcomes);
  return value as JsonObject;
}
