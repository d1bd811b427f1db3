import type { JsonObject } from '../../src/domain/json.js';
import { plainPath, plainValue } from '../../src/domain/workflows/plain-path.js';
import type { ExpressionEngine, ExpressionOutcome } from '../../src/ports/expression-engine.js';

/** Paths and literals, without a thread. */
export const PLAIN_EXPRESSIONS: ExpressionEngine = {
  check: async (expressions) =>
    expressions.map((expression) => {
      const path = plainPath(expression);
      return { ok: true, names: path ? [path.map(String)] : [] };
    }),
  evaluate: async (_org, evaluations) =>
    evaluations.map(({ expression, shared, own }) => own.map((each) => evaluate(expression, each, shared))),
};

function evaluate(expression: string, own: JsonObject, shared: JsonObject): ExpressionOutcome {
  if (expression === 'true' || expression === 'false') return { ok: true, value: expression === 'true' };
  const path = plainPath(expression);
  const found = path && plainValue(path, own, shared);
  if (found?.ok) return found;
  return { ok: false, failure: 'ERROR', message: found?.message ?? `there is no ${expression}` };
}
