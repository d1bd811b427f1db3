import type { FieldViolation } from '../../domain/errors.js';
import { MAX_CEL_DEADLINE_MS, type Policy } from '../../domain/policies/policy.js';
import type { PolicyEngine } from '../../ports/policy-engine.js';
import { throwIfAny, violationsOf } from './located.js';

/**
 * Compiles an expression and checks its types, or looks whether an address may be used.
 *
 * @param path where the policy is in the request, for errors
 * @throws INVALID_ARGUMENT (POLICY_INVALID) with a violation for each problem, with line and column in expressions
 */
export async function requireStorablePolicy(
  engine: Pick<PolicyEngine, 'checkExpression' | 'objectionTo'>,
  { kind, rule, deadlineMs }: Pick<Policy, 'kind' | 'rule' | 'deadlineMs'>,
  path: string,
): Promise<void> {
  if (rule.kind === 'CEL') {
    const tooLong = deadlineMs !== null && deadlineMs > MAX_CEL_DEADLINE_MS;
    const description = `must be at most ${MAX_CEL_DEADLINE_MS / 1_000}s for an expression`;
    const violations: FieldViolation[] = tooLong ? [{ field: `${path}.deadline`, description }] : [];
    violations.push(...violationsOf(`${path}.cel`, await engine.checkExpression(kind, rule.expression)));
    return throwIfAny(violations, 'POLICY_INVALID');
  }
  const objection = await engine.objectionTo(rule.address, rule.plaintext);
  if (objection === null) return;
  throwIfAny([{ field: `${path}.remote.address`, description: objection }], 'POLICY_INVALID');
}
