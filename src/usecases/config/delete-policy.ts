import type { Principal } from '../../domain/access/principal.js';
import { POLICY_KEYS } from '../../domain/config/policy-keys.js';
import type { Policy } from '../../domain/policies/policy.js';
import type { ConfigRecord } from '../../ports/config-record.js';
import { asOfRules } from './as-of-rules.js';
import { policyChangedSince, policyInUse, policyNotFound } from './policy-errors.js';

/**
 * Deletes a policy that no parameter names, and answers it as it was.
 *
 * @param expected what has to be there: a version, `null` for whatever it is
 * @throws NOT_FOUND (POLICY_NOT_FOUND); FAILED_PRECONDITION (POLICY_IN_USE); ABORTED (ETAG_MISMATCH, RULES_CHANGED)
 */
export async function deletePolicy(
  config: Pick<ConfigRecord, 'readRules' | 'deletePolicy'>,
  { org, subject: actor }: Principal,
  { policyId, expected }: { readonly policyId: string; readonly expected: number | null },
): Promise<Policy> {
  const put = await asOfRules(org, async () => {
    const { version: asOf, parameters } = await config.readRules(org);
    for (const { key, value } of parameters) {
      if (POLICY_KEYS.has(key) && value === policyId) throw policyInUse(org, policyId, key);
    }
    return config.deletePolicy({ org, policyId, expected, asOf, actor });
  });
  if (!put) throw policyNotFound(org, policyId);
  if (put.kind === 'OK') return put.value;
  throw policyChangedSince(policyId, put.kind === 'CHANGED_SINCE' ? put.found : null);
}
