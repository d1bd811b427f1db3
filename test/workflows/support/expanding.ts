import type { JsonObject, JsonValue } from '../../../src/domain/json.js';
import type { Scope } from '../../../src/domain/workflows/scope.js';
import type { ExpressionEngine } from '../../../src/ports/expression-engine.js';
import { expandNode } from '../../../src/usecases/workflows/expand.js';
import { expansionOf, LIMITS, scopeWith, taskNode } from './expansion-world.js';

/** What a task with that expansion and input becomes; its items, their elements, and why there are none. */
export function expanding(engine: ExpressionEngine) {
  async function expand(
    config: JsonObject,
    input: JsonValue,
    scope: Scope = scopeWith(),
    maxItems = LIMITS.maxItems,
  ) {
    const node = taskNode({ input, expansion: expansionOf(config) });
    return expandNode(engine, 'acme', node, scope, { ...LIMITS, maxItems });
  }

  async function itemsOf(...args: Parameters<typeof expand>) {
    const expanded = await expand(...args);
    if (!expanded.ok) throw new Error(expanded.reason);
    return expanded.items(0, expanded.total);
  }

  async function elementsOf(...args: Parameters<typeof expand>) {
    return (await itemsOf(...args)).map(({ elements }) => elements);
  }

  async function reasonOf(...args: Parameters<typeof expand>): Promise<string> {
    const expanded = await expand(...args);
    return expanded.ok ? `${expanded.total} items` : expanded.reason;
  }

  return { expand, itemsOf, elementsOf, reasonOf };
}

export const numbersTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1);
