import type { Policy } from '../../domain/policies/policy.js';
import { type ConfigRecord, MAX_POLICIES, MAX_POLICY_VERSIONS, type Put } from '../../ports/config-record.js';
import type { Connection, Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { changeRules, changeRulesAsOf, isExpected, isOk } from './change-rules.js';
import { decodePolicy, type PolicyRow } from './rows.js';

const NEWEST_POLICY = loadStatement('./newest-policy.sql', import.meta.url);
const GET_POLICY = loadStatement('./get-policy.sql', import.meta.url);
const LIST_POLICIES = loadStatement('./list-policies.sql', import.meta.url);
const LIST_POLICY_VERSIONS = loadStatement('./list-policy-versions.sql', import.meta.url);
const COUNT_POLICIES = loadStatement('./count-policies.sql', import.meta.url);
const PUT_POLICY = loadStatement('./put-policy.sql', import.meta.url);
const FORGET_POLICY_VERSIONS = loadStatement('./forget-policy-versions.sql', import.meta.url);

type Policies = Pick<
  ConfigRecord,
  'putPolicy' | 'deletePolicy' | 'getPolicy' | 'listPolicies' | 'listPolicyVersions'
>;

type NewVersion = Omit<Policy, 'createTime'>;

export function createPolicies(db: Database): Policies {
  return {
    putPolicy: ({ org, policy, expected, actor }) =>
      changeRules<Put<Policy>>(
        db,
        org,
        async (connection) => {
          const newest = await newestOf(connection, org, policy.policyId);
          const found = newest?.deleted ? null : newest;
          if (!isExpected(expected, found?.version ?? 0)) return { kind: 'CHANGED_SINCE', found };
          if (newest && newest.kind !== policy.kind) return { kind: 'OTHER_KIND', found: newest };
          if (!found && (await countOf(connection, org)).count >= MAX_POLICIES) return { kind: 'TOO_MANY' };
          const version = (newest?.version ?? 0) + 1;
          return add(connection, { ...policy, org, actor, version, deleted: false });
        },
        isOk,
      ),

    deletePolicy: ({ org, policyId, expected, asOf, actor }) =>
      changeRulesAsOf<Put<Policy> | null>(db, { org, asOf }, async (connection) => {
        const found = await newestOf(connection, org, policyId);
        if (!found || found.deleted) return null;
        if (!isExpected(expected, found.version)) return { kind: 'CHANGED_SINCE', found };
        await add(connection, { ...found, actor, version: found.version + 1, deleted: true });
        return { kind: 'OK', value: found };
      }),

    async getPolicy(org, policyId, version) {
      const [row] = await db.read<PolicyRow>(GET_POLICY, [org, policyId, version]);
      return row ? decodePolicy(row) : null;
    },
    async listPolicies(org) {
      return (await db.read<PolicyRow>(LIST_POLICIES, [org, MAX_POLICIES])).map(decodePolicy);
    },
    async listPolicyVersions(org, policyId, before, limit) {
      const values = [org, policyId, before, limit];
      return (await db.read<PolicyRow>(LIST_POLICY_VERSIONS, values)).map(decodePolicy);
    },
  };
}

async function newestOf(connection: Connection, org: string, policyId: string): Promise<Policy | null> {
  const [row] = await connection.run<PolicyRow>(NEWEST_POLICY, [org, policyId]);
  return row ? decodePolicy(row) : null;
}

async function countOf(connection: Connection, org: string): Promise<{ count: number; versions: number }> {
  const [row] = await connection.run<{ count: number; versions: number }>(COUNT_POLICIES, [org]);
  return row ?? { count: 0, versions: 0 };
}

async function add(connection: Connection, policy: NewVersion): Promise<Put<Policy>> {
  const { org, policyId, version, kind, rule, onError, deadlineMs, description, actor, deleted } = policy;
  const tooMany = (await countOf(connection, org)).versions + 1 - MAX_POLICY_VERSIONS;
  if (tooMany > 0) await connection.run(FORGET_POLICY_VERSIONS, [org, tooMany]);
  const what = [kind, JSON.stringify(rule), onError, deadlineMs, description];
  const values = [org, policyId, version, ...what, actor, deleted];
  const [row] = await connection.run<PolicyRow>(PUT_POLICY, values);
  if (!row) throw new Error('a policy was put, and is not there');
  return { kind: 'OK', value: decodePolicy(row) };
}
