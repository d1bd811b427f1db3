import { type FieldViolation, ReeveError } from '../../domain/errors.js';
import type { Policy } from '../../domain/policies/policy.js';
import type { PolicyEngine, PolicyProblem } from '../../ports/policy-engine.js';

/**
 * Compiles an expression, or looks at an address.
 *
 * @param path where the policy is in the request, for errors
 * @throws INVALID_ARGUMENT (POLICY_INVALID) with a violation for each problem
 */
export async function requireStorable(
  engine: Pick<PolicyEngine, 'checkExpression' | 'objectionTo'>,
  { kind, rule }: Pick<Policy, 'kind' | 'rule'>,
  path: string,
): Promise<void> {
  const violations: FieldViolation[] = [];
  if (rule.kind === 'CEL') {
    for (const problem of await engine.checkExpression(kind, rule.expression)) {
      violations.push({ field: `${path}.cel`, description: located(problem) });
    }
  } else {
    const objection = await engine.objectionTo(rule.address, rule.plaintext);
    if (objection !== null) violations.push({ field: `${path}.remote.address`, description: objection });
  }
  const [first] = violations;
  if (!first) return;
  const more = violations.length > 1 ? ` (and ${violations.length - 1} more)` : '';
  const message = `${first.field}: ${first.description}${more}`;
  throw new ReeveError('INVALID_ARGUMENT', 'POLICY_INVALID', message, { violations });
}

function located({ line, column, message }: PolicyProblem): string {
  return line === 0 ? message : `line ${line}, column ${column}: ${message}`;
}
