import type { Principal } from '../../domain/access/principal.js';
import { type FieldViolation, invalidArgument } from '../../domain/errors.js';
import type { CallMetadata } from '../call.js';
import { isName } from '../constraints/formats.js';

/**
 * Believes what the caller says of itself, and lets it do everything: for `reeve dev` on
 * loopback, and for `reeve serve --insecure-open`. Org from the metadata `org`, else `default`; subject from `subject`, else
 * `anonymous`.
 *
 * @throws INVALID_ARGUMENT if either is not a name
 */
export function authenticateOpen(metadata: CallMetadata): Principal {
  const org = metadata.get('org') || 'default';
  const subject = metadata.get('subject') || 'anonymous';
  const violations: FieldViolation[] = [];
  for (const [key, value, max] of [
    ['org', org, 100],
    ['subject', subject, 200],
  ] as const) {
    if (isName(value, max)) continue;
    violations.push({
      field: `metadata["${key}"]`,
      description: `must be a name of at most ${max} characters`,
    });
  }
  if (violations.length > 0) throw invalidArgument(violations, 'INVALID_METADATA');
  return { org, subject, roles: ['admin'] };
}
