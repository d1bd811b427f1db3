import type { PolicyKind } from '../policies/policy.js';
import { CONFIG_KEYS } from './config-keys.js';

/** Parameters that name a policy, and of which kind it is. */
export const POLICY_KEYS: ReadonlyMap<string, PolicyKind> = new Map([
  [CONFIG_KEYS.approvalPolicy.key, 'APPROVAL'],
  [CONFIG_KEYS.priorityPolicy.key, 'PRIORITY'],
  [CONFIG_KEYS.auctionInputPolicy.key, 'AUCTION_INPUT'],
  [CONFIG_KEYS.planRetrievePolicy.key, 'PLAN_RETRIEVE'],
]);
