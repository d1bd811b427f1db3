import { ReeveError } from '../../domain/errors.js';

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
