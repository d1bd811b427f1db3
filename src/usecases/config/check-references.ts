import { CONFIG_KEYS } from '../../domain/config/config-keys.js';
import { POLICY_KEYS } from '../../domain/config/policy-keys.js';
import { checkFilter } from '../../domain/directory/filter.js';
import { type FieldViolation, invalidArgument } from '../../domain/errors.js';
import type { JsonValue } from '../../domain/json.js';
import type { ConfigRecord, StoredRules } from '../../ports/config-record.js';
import type { ExpressionEngine } from '../../ports/expression-engine.js';
import type { PolicyEngine } from '../../ports/policy-engine.js';
import { throwIfAny, violationsOf } from './located.js';

export interface ReferenceNeeds {
  readonly config: Pick<ConfigRecord, 'readRules'>;
  readonly policies: Pick<PolicyEngine, 'checkExpression' | 'objectionTo'>;
  readonly expressions: Pick<ExpressionEngine, 'check'>;
}

const DIRECTORY = CONFIG_KEYS.roleDirectory.key;
const ADDRESS = CONFIG_KEYS.roleDirectoryAddress.key;
const PLAINTEXT = CONFIG_KEYS.roleDirectoryPlaintext.key;
const PROVIDER_ADDRESS = CONFIG_KEYS.contextProviderAddress.key;
const PROVIDER_PLAINTEXT = CONFIG_KEYS.contextProviderPlaintext.key;

/** What expressions of auctions know. */
const AUCTION_VARIABLES: ReadonlyMap<string, readonly string[]> = new Map([
  [CONFIG_KEYS.auctionBidExpression.key, ['task', 'auction', 'org', 'now', 'candidate']],
  [CONFIG_KEYS.auctionScoreExpression.key, ['task', 'auction', 'org', 'now', 'candidate', 'bid']],
]);

/**
 * Whether a parameter fits what else there is: policies, addresses of services, CEL, filters.
 *
 * @param value of a form that its key takes
 * @returns the version of the rules that it fits; `null`: it fits whatever they are
 * @throws INVALID_ARGUMENT on `value`
 */
export async function checkReferences(
  { config, policies, expressions }: ReferenceNeeds,
  org: string,
  key: string,
  value: JsonValue,
): Promise<number | null> {
  if (POLICY_KEYS.has(key)) {
    const rules = await config.readRules(org);
    checkPolicy(rules, org, key, String(value));
    return rules.version;
  }
  const check = SERVICES.get(key);
  if (check) {
    const { version, parameters } = await config.readRules(org);
    const set = new Map(parameters.map((parameter) => [parameter.key, parameter.value]));
    set.set(key, value);
    await check(policies, set);
    return version;
  }
  if (key === CONFIG_KEYS.priorityExpression.key) {
    const problems = await policies.checkExpression('HEAD_START', String(value));
    throwIfAny(violationsOf('value', problems), 'EXPRESSION_INVALID');
  }
  const variables = AUCTION_VARIABLES.get(key);
  if (variables) {
    const [checked] = await expressions.check([String(value)], variables);
    if (checked && !checked.ok) {
      throwIfAny(violationsOf('value', checked.problems), 'EXPRESSION_INVALID');
    }
  }
  if (key === CONFIG_KEYS.candidateRoleFilter.key) {
    throwIfAny(checkFilter(value, 'role', 'value'), 'INVALID_FILTER');
  }
  return null;
}

function checkPolicy({ policies }: StoredRules, org: string, key: string, policyId: string): void {
  const kind = POLICY_KEYS.get(key);
  const named = policies.find((policy) => policy.policyId === policyId);
  if (!named) throw refuse(`names policy ${policyId}, which does not exist in organisation ${org}`);
  if (named.kind !== kind) {
    throw refuse(
      `names policy ${policyId}, which is of kind ${named.kind}; ${key} takes one of kind ${kind}`,
    );
  }
}

async function checkDirectory(
  policies: ReferenceNeeds['policies'],
  set: ReadonlyMap<string, JsonValue>,
): Promise<void> {
  const address = set.get(ADDRESS);
  if (typeof address !== 'string') {
    if (set.get(DIRECTORY) === 'remote') throw refuse(`remote needs ${ADDRESS} to be set first`);
    return;
  }
  const objection = await policies.objectionTo(address, set.get(PLAINTEXT) === true);
  if (objection !== null) throw refuse(`would have ${DIRECTORY} at ${address}: ${objection}`);
}

async function checkProvider(
  policies: ReferenceNeeds['policies'],
  set: ReadonlyMap<string, JsonValue>,
): Promise<void> {
  const address = set.get(PROVIDER_ADDRESS);
  if (typeof address !== 'string') return;
  const objection = await policies.objectionTo(address, set.get(PROVIDER_PLAINTEXT) === true);
  if (objection !== null) throw refuse(`would have the ContextProviderService at ${address}: ${objection}`);
}

/** How parameters of services that an organisation has are checked, each with the others of its service. */
const SERVICES: ReadonlyMap<string, typeof checkDirectory> = new Map([
  [DIRECTORY, checkDirectory],
  [ADDRESS, checkDirectory],
  [PLAINTEXT, checkDirectory],
  [PROVIDER_ADDRESS, checkProvider],
  [PROVIDER_PLAINTEXT, checkProvider],
]);

function refuse(description: string) {
  const violation: FieldViolation = { field: 'value', description };
  return invalidArgument([violation]);
}
