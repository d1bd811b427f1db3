import { type FieldViolation, ReeveError } from '../../domain/errors.js';
import type { PolicyProblem } from '../../ports/policy-engine.js';

/** What is wrong with an expression or a schema, each with its place. */
export function violationsOf(field: string, problems: readonly PolicyProblem[]): FieldViolation[] {
  return problems.map(({ line, column, message }) => ({
    field,
    description: line === 0 ? message : `line ${line}, column ${column}: ${message}`,
  }));
}

/** @throws INVALID_ARGUMENT with this reason, unless there are no violations */
export function throwIfAny(violations: readonly FieldViolation[], reason: string): void {
  const [first] = violations;
  if (!first) return;
  const more = violations.length > 1 ? ` (and ${violations.length - 1} more)` : '';
  const message = `${first.field}: ${first.description}${more}`;
  throw new ReeveError('INVALID_ARGUMENT', reason, message, { violations });
}
