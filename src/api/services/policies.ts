import type { ConfigService, Policy as PolicyMessage } from '@reeve/sdk/protocol';
import type { Principal } from '../../domain/access/principal.js';
import { ReeveError } from '../../domain/errors.js';
import type { Policy } from '../../domain/policies/policy.js';
import { MAX_POLICIES, type Put } from '../../ports/config-record.js';
import { deletePolicy } from '../../usecases/config/delete-policy.js';
import { policyChangedSince, policyNotFound } from '../../usecases/config/policy-errors.js';
import { requireStorablePolicy } from '../../usecases/config/require-storable-policy.js';
import type { Handlers } from '../call.js';
import { fitting } from '../mapping/lists.js';
import { toDomainPolicy, toDomainPolicyKind, toProtoPolicy } from '../mapping/policy.js';
import { expectedVersion } from '../mapping/version-etag.js';
import { CURSORS, cursorOf, pageTokenOf } from '../page-token.js';
import { ANSWER_BYTES, type Context } from './context.js';
import { tryPolicy } from './try-policy.js';

/** What a policy has besides its texts, at most or about, in bytes. */
const BESIDES_BYTES = 1_024;

export function policyHandlers(
  context: Context,
): Pick<
  Handlers<typeof ConfigService>,
  'putPolicy' | 'getPolicy' | 'listPolicies' | 'deletePolicy' | 'testPolicy'
> {
  const { config, ports } = context;

  return {
    async putPolicy(principal, { policy, etag, validateOnly }) {
      const { org, subject } = principal;
      const wanted = toDomainPolicy(principal, policy as PolicyMessage, 'policy');
      await requireStorablePolicy(ports.policies, wanted, 'policy');
      const expected = expectedVersion(etag);
      if (!validateOnly) {
        const put = await config.putPolicy({ org, policy: wanted, expected, actor: subject });
        return { policy: toProtoPolicy(putOrThrow(put, wanted)) };
      }
      const newest = await newestOf(org, wanted.policyId);
      const found = newest?.deleted ? null : newest;
      if (expected !== null && expected !== (found?.version ?? 0)) {
        putOrThrow({ kind: 'CHANGED_SINCE', found }, wanted);
      }
      if (newest && newest.kind !== wanted.kind) putOrThrow({ kind: 'OTHER_KIND', found: newest }, wanted);
      if (!found && (await config.listPolicies(org)).length >= MAX_POLICIES) {
        putOrThrow({ kind: 'TOO_MANY' }, wanted);
      }
      const version = (newest?.version ?? 0) + 1;
      const would = { ...wanted, version, createTime: ports.clock.now(), deleted: false };
      return { policy: toProtoPolicy(would) };
    },

    async getPolicy({ org }, { policyId, version }) {
      return { policy: toProtoPolicy(await storedPolicy(org, policyId, Number(version))) };
    },

    async listPolicies({ org }, { kind, pageSize, pageToken, versionsOf }) {
      const only = toDomainPolicyKind(kind);
      const question = ['ListPolicies', org, only, versionsOf];
      const cursor = cursorOf(question, pageToken, versionsOf === '' ? CURSORS.TEXT : CURSORS.NUMBER);
      const limit = pageSize || 100;
      const found =
        versionsOf === ''
          ? (await config.listPolicies(org))
              .filter(({ policyId }) => cursor === null || policyId > cursor)
              .sort((a, b) => (a.policyId < b.policyId ? -1 : 1))
          : await config.listPolicyVersions(org, versionsOf, cursor === null ? null : Number(cursor), limit);
      const chosen = only ? found.filter((policy) => policy.kind === only) : found;
      const page = fitting(chosen.slice(0, limit), ANSWER_BYTES, sizeOf);
      const last = page.at(-1);
      const more = page.length < chosen.length || (versionsOf !== '' && found.length === limit);
      const next = last && (versionsOf === '' ? last.policyId : String(last.version));
      return {
        policies: page.map(toProtoPolicy),
        nextPageToken: more && next ? pageTokenOf(question, next) : '',
      };
    },

    async deletePolicy(principal, { policyId, etag }) {
      const change = { policyId, expected: expectedVersion(etag) };
      return { policy: toProtoPolicy(await deletePolicy(config, principal, change)) };
    },

    testPolicy: (principal: Principal, request) => tryPolicy(context, storedPolicy, principal, request),
  };

  async function newestOf(org: string, policyId: string): Promise<Policy | null> {
    const [newest] = await config.listPolicyVersions(org, policyId, null, 1);
    return newest ?? null;
  }

  /** @param version 0: the newest, which is none if it says that the policy was deleted */
  async function storedPolicy(org: string, policyId: string, version: number): Promise<Policy> {
    const found =
      version > 0 ? await config.getPolicy(org, policyId, version) : await newestOf(org, policyId);
    if (!found || (version === 0 && found.deleted)) throw policyNotFound(org, policyId, version);
    return found;
  }
}

function putOrThrow(put: Put<Policy>, { policyId }: Pick<Policy, 'policyId'>): Policy {
  switch (put.kind) {
    case 'OK':
      return put.value;
    case 'CHANGED_SINCE':
      throw policyChangedSince(policyId, put.found);
    case 'OTHER_KIND': {
      const message = `policy ${policyId} is of kind ${put.found.kind}, and all its versions are: give the other one another name`;
      throw new ReeveError('FAILED_PRECONDITION', 'POLICY_OF_OTHER_KIND', message, {
        metadata: { policy_id: policyId, kind: put.found.kind },
      });
    }
    case 'TOO_MANY':
      throw new ReeveError(
        'RESOURCE_EXHAUSTED',
        'TOO_MANY_POLICIES',
        `an organisation may have ${MAX_POLICIES} policies: delete one first`,
        { metadata: { max_policies: String(MAX_POLICIES) } },
      );
  }
}

function sizeOf({ rule, description }: Policy): number {
  return (rule.kind === 'CEL' ? rule.expression.length : 0) + description.length + BESIDES_BYTES;
}
