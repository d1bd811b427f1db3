import type { CompiledExpression } from '../../src/policies/cel/compile-expression.js';
import { compileExpression } from '../../src/policies/cel/compile-expression.js';
import { failureText, isMissing } from '../../src/policies/cel/problems.js';
import { celOf, jsonOf } from '../../src/policies/cel/values.js';
import type { ExpressionEngine, ExpressionOutcome } from '../../src/ports/expression-engine.js';

const compiled = new Map<string, CompiledExpression>();

/** Expressions as coordinators evaluate them, without the thread: virtual time would not wait for it. */
export const CEL_EXPRESSIONS: ExpressionEngine = {
  check: async (expressions, variables) =>
    expressions.map((expression) => {
      const found = compiledOf(variables, expression);
      return 'problems' in found
        ? { ok: false, problems: found.problems }
        : { ok: true, names: found.program.names };
    }),
  evaluate: async (_org, evaluations) =>
    evaluations.map(({ expression, shared, own }) =>
      own.map((each) => evaluate(expression, { ...shared, ...each })),
    ),
};

function compiledOf(variables: readonly string[], expression: string): CompiledExpression {
  const key = `${variables.join()}:${expression}`;
  const found = compiled.get(key) ?? compileExpression(variables, expression);
  compiled.set(key, found);
  return found;
}

function evaluate(expression: string, values: Readonly<Record<string, unknown>>): ExpressionOutcome {
  const found = compiledOf(Object.keys(values).sort(), expression);
  if ('problems' in found) return { ok: false, failure: 'ERROR', message: found.problems[0]?.message ?? '' };
  const input = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, celOf(value)]));
  try {
    return { ok: true, value: jsonOf(found.program.run(input)) };
  } catch (error) {
    const failure = isMissing(error) ? 'MISSING' : 'ERROR';
    return { ok: false, failure, message: failureText(expression, error) };
  }
}
