import type { Expanded, ExpansionLimits } from '../../domain/workflows/expansion/items.js';
import type { TaskNode } from '../../domain/workflows/plan.js';
import type { Scope } from '../../domain/workflows/scope.js';
import type { ExpressionEngine } from '../../ports/expression-engine.js';

/**
 * What a task becomes. The same scope gives the same items. A task without expansion has one item without elements.
 *
 * @throws {ReeveError} UNAVAILABLE, when expressions cannot be evaluated at the time
 */
export async function expandNode(
  _engine: ExpressionEngine,
  _org: string,
  node: TaskNode,
  _scope: Scope,
  _limits: ExpansionLimits,
): Promise<Expanded> {
  if (node.settings.expansion) return { ok: false, reason: 'EXPANSION_FAILED: not yet' };
  return { ok: true, total: 1, items: (from, to) => (from < 1 && to >= 1 ? [SINGLE] : []) };
}

const SINGLE = { item: 1, identifier: '1', data: {}, elements: {}, sources: [] };
