import type { ApiOptions } from '../../src/api/api.js';
import { specReader } from '../../src/api/mapping/terms.js';
import { createTables } from '../../src/memory/record/tables.js';
import { createMemoryWorkflowRecord } from '../../src/memory/record/workflows/workflow-record.js';
import { NO_POOLS } from '../../src/ports/candidate-pools.js';
import { NO_DURATIONS_KNOWN } from '../../src/ports/expected-durations.js';
import { NO_EXPRESSION_ENGINE } from '../../src/ports/expression-engine.js';
import { NO_ORG_RULES } from '../../src/ports/org-rules.js';
import { NO_POLICY_ENGINE } from '../../src/ports/policy-engine.js';
import type { Ports } from '../../src/usecases/ports.js';

/** Ports of organisations that have set nothing. */
export const NO_POLICIES: Pick<
  Ports,
  'orgRules' | 'durations' | 'policies' | 'expressions' | 'pools' | 'specs' | 'workflows'
> = {
  orgRules: NO_ORG_RULES,
  durations: NO_DURATIONS_KNOWN,
  policies: NO_POLICY_ENGINE,
  expressions: NO_EXPRESSION_ENGINE,
  pools: NO_POOLS,
  specs: specReader,
  // Of a world that has none.
  workflows: createMemoryWorkflowRecord({ now: () => 0 }, createTables()),
};

/** Workflows are tried against a whole coordinator. */
export const NO_WORKFLOWS = { ports: {} } as unknown as ApiOptions['workflows'];

const later = () => Promise.reject(new Error('nothing is stored here'));

/** Records of organisations that have set nothing. */
export const NO_RECORDS: Pick<ApiOptions, 'config' | 'directory' | 'directories'> = {
  config: {
    setParameter: later,
    deleteParameter: later,
    listParameters: async () => [],
    putPolicy: later,
    deletePolicy: later,
    getPolicy: async () => null,
    listPolicies: async () => [],
    listPolicyVersions: async () => [],
    putJobKind: later,
    deleteJobKind: later,
    listJobKinds: async () => [],
    readRules: async () => ({ version: 0, parameters: [], policies: [], jobKinds: [] }),
    versionOf: async () => 0,
    changedVersions: async () => new Map(),
  },
  directories: { of: later },
  directory: {
    putRole: later,
    deleteRole: later,
    queryRoles: async () => [],
    putSubject: later,
    deleteSubject: later,
    querySubjects: async () => [],
    poolMembers: async () => [],
  },
};
