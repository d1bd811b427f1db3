import type { MessageInitShape } from '@bufbuild/protobuf';
import { OnPolicyError, type Policy, PolicyKind, type PolicySchema } from '@reeve/sdk/protocol';
import type { Principal } from '../../domain/access/principal.js';
import { invalidArgument } from '../../domain/errors.js';
import type { PolicyKind as DomainKind, Policy as DomainPolicy } from '../../domain/policies/policy.js';
import { durationOf, msOf, timestampOf } from './time.js';

/** As somebody wants it to be. */
export type WantedPolicy = Omit<DomainPolicy, 'version' | 'createTime' | 'deleted'>;

/** Numbers of kinds that have passed their constraints: 0 is refused there. */
const KINDS: ReadonlyMap<PolicyKind, DomainKind> = new Map([
  [PolicyKind.APPROVAL, 'APPROVAL'],
  [PolicyKind.PRIORITY, 'PRIORITY'],
  [PolicyKind.AUCTION_INPUT, 'AUCTION_INPUT'],
  [PolicyKind.PLAN_RETRIEVE, 'PLAN_RETRIEVE'],
]);

const ON_ERROR: ReadonlyMap<OnPolicyError, DomainPolicy['onError']> = new Map([
  [OnPolicyError.REJECT, 'REJECT'],
  [OnPolicyError.ACCEPT, 'ACCEPT'],
]);

/** `null`: UNSPECIFIED. */
export function toDomainPolicyKind(kind: PolicyKind): DomainKind | null {
  return KINDS.get(kind) ?? null;
}

/**
 * A policy that has passed its constraints.
 *
 * @param path where it is in the request, for errors
 */
export function toDomainPolicy({ org, subject }: Principal, policy: Policy, path: string): WantedPolicy {
  const kind = toDomainPolicyKind(policy.kind);
  if (!kind) throw invalidArgument([{ field: `${path}.kind`, description: 'must be set' }]);
  return {
    org,
    policyId: policy.policyId,
    kind,
    rule: toDomainRule(policy, path),
    onError: ON_ERROR.get(policy.onError) ?? 'DEFAULT',
    deadlineMs: msOf(policy.deadline),
    description: policy.description,
    actor: subject,
  };
}

function toDomainRule({ rule }: Policy, path: string): DomainPolicy['rule'] {
  switch (rule.case) {
    case 'cel':
      return { kind: 'CEL', expression: rule.value };
    case 'remote':
      return { kind: 'REMOTE', address: rule.value.address, plaintext: rule.value.plaintext };
    default:
      throw invalidArgument([{ field: `${path}.cel`, description: 'either cel or remote must be set' }]);
  }
}

export function toProtoPolicy(policy: DomainPolicy): MessageInitShape<typeof PolicySchema> {
  const { rule, deadlineMs } = policy;
  return {
    policyId: policy.policyId,
    kind: PolicyKind[policy.kind],
    rule:
      rule.kind === 'CEL'
        ? { case: 'cel', value: rule.expression }
        : { case: 'remote', value: { address: rule.address, plaintext: rule.plaintext } },
    onError: OnPolicyError[policy.onError],
    ...(deadlineMs !== null && { deadline: durationOf(deadlineMs) }),
    description: policy.description,
    version: BigInt(policy.version),
    createTime: timestampOf(policy.createTime),
    actorSubjectId: policy.actor,
    deleted: policy.deleted,
  };
}
