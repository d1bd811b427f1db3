import { ReeveError } from '../../domain/errors.js';
import type { Policy } from '../../domain/policies/policy.js';

/** @param version which one was asked for; 0: the newest */
export function policyNotFound(org: string, policyId: string, version = 0): ReeveError {
  const which = version === 0 ? `policy ${policyId}` : `version ${version} of policy ${policyId}`;
  return new ReeveError('NOT_FOUND', 'POLICY_NOT_FOUND', `${which} does not exist in organisation ${org}`, {
    metadata: { policy_id: policyId, org, ...(version > 0 && { version: String(version) }) },
  });
}

/** @param key the parameter that names it */
export function policyInUse(org: string, policyId: string, key: string): ReeveError {
  const message = `policy ${policyId} is named by the parameter ${key}: set that to another, or delete it, first`;
  return new ReeveError('FAILED_PRECONDITION', 'POLICY_IN_USE', message, {
    metadata: { policy_id: policyId, org, key },
  });
}

/** @param found what is there; `null`: nothing */
export function policyChangedSince(policyId: string, found: Policy | null): ReeveError {
  const now = found ? `its etag is ${found.version} now` : 'it is not there';
  const message = `policy ${policyId} is not as it was read: ${now}`;
  return new ReeveError('ABORTED', 'ETAG_MISMATCH', message, {
    metadata: { policy_id: policyId, ...(found && { etag: String(found.version) }) },
  });
}
