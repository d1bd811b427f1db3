import { type ConfigRecord, MAX_CHANGED } from '../../ports/config-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { createJobKinds } from './job-kinds.js';
import { createParameters } from './parameters.js';
import { createPolicies } from './policies.js';
import {
  decodeJobKind,
  decodeParameter,
  decodePolicy,
  type JobKindRow,
  type ParameterRow,
  type PolicyRow,
} from './rows.js';

const READ_RULES = loadStatement('./read-rules.sql', import.meta.url);
const RULES_VERSION = loadStatement('./rules-version.sql', import.meta.url);
const CHANGED_RULES = loadStatement('./changed-rules.sql', import.meta.url);

interface RulesRow {
  readonly version: number;
  readonly parameters: readonly ParameterRow[];
  readonly policies: readonly PolicyRow[];
  readonly job_kinds: readonly JobKindRow[];
}

/** The record of what organisations have set, in Postgres. */
export function createConfigRecord(db: Database): ConfigRecord {
  return {
    ...createParameters(db),
    ...createPolicies(db),
    ...createJobKinds(db),

    async readRules(org) {
      const [row] = await db.read<RulesRow>(READ_RULES, [org]);
      if (!row) throw new Error('the rules of an organisation are always one row');
      return {
        version: row.version,
        parameters: row.parameters.map(decodeParameter),
        policies: row.policies.map(decodePolicy),
        jobKinds: row.job_kinds.map(decodeJobKind),
      };
    },
    async versionOf(org) {
      const [row] = await db.read<{ readonly version: number }>(RULES_VERSION, [org]);
      return row?.version ?? 0;
    },
    async changedVersions(withinMs) {
      const rows = await db.read<{ org: string; version: number }>(CHANGED_RULES, [withinMs, MAX_CHANGED]);
      return new Map(rows.map(({ org, version }) => [org, version]));
    },
  };
}
