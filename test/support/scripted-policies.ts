import { DEFAULT_ORG_CONFIG, type OrgConfig } from '../../src/domain/config/org-config.js';
import type { JobKind } from '../../src/domain/jobs/job-kind.js';
import type { JsonValue } from '../../src/domain/json.js';
import type { Policy } from '../../src/domain/policies/policy.js';
import type { PolicyInput } from '../../src/domain/policies/policy-input.js';
import { emptySnapshot, type OrgRules, type OrgSnapshot } from '../../src/ports/org-rules.js';
import { NO_POLICY_ENGINE, type PolicyEngine, type PolicyOutcome } from '../../src/ports/policy-engine.js';

/** Rules that a test sets, the same for all organisations. */
export function scriptedRules(config: Partial<OrgConfig> = {}): OrgRules & {
  set(config: Partial<OrgConfig>): void;
  put(policy: Partial<Policy> & Pick<Policy, 'policyId'>): void;
  putKind(kind: Partial<JobKind> & Pick<JobKind, 'kind'>): void;
} {
  let snapshot: OrgSnapshot = emptySnapshot('', { ...DEFAULT_ORG_CONFIG, ...config });
  const listeners: ((snapshot: OrgSnapshot) => void)[] = [];
  const change = (to: Partial<OrgSnapshot>): void => {
    snapshot = { ...snapshot, ...to, version: snapshot.version + 1 };
    for (const listener of listeners) listener(snapshot);
  };
  const ofOrgs = new Map<string, OrgSnapshot>();
  const of = (org: string): OrgSnapshot => {
    const known = ofOrgs.get(org);
    if (known?.version === snapshot.version) return known;
    const made = { ...snapshot, org };
    ofOrgs.set(org, made);
    return made;
  };
  return {
    of,
    known: of,
    all: () => ofOrgs.values(),
    changed: async () => undefined,
    onChanged: (listener) => listeners.push(listener),
    set: (more) => change({ config: { ...snapshot.config, ...more } }),
    put: (policy) => change({ policies: new Map(snapshot.policies).set(policy.policyId, policyOf(policy)) }),
    putKind: (kind) => change({ jobKinds: new Map(snapshot.jobKinds).set(kind.kind, kindOf(kind)) }),
  };
}

function policyOf(over: Partial<Policy> & Pick<Policy, 'policyId'>): Policy {
  return {
    org: '',
    version: 1,
    kind: 'PLAN_RETRIEVE',
    rule: { kind: 'CEL', expression: 'scripted' },
    onError: 'DEFAULT',
    deadlineMs: null,
    description: '',
    createTime: 0,
    actor: '',
    deleted: false,
    ...over,
  };
}

function kindOf(over: Partial<JobKind> & Pick<JobKind, 'kind'>): JobKind {
  return {
    org: '',
    inputSchema: null,
    requiredFields: [],
    validate: '',
    description: '',
    preemptible: false,
    version: 1,
    updateTime: 0,
    actor: '',
    ...over,
  };
}

/** An engine whose answers a test writes in TypeScript; what throws an outcome answers it as it is. */
export function scriptedEngine(answers: {
  readonly decide?: (input: PolicyInput, policyId: string) => JsonValue | Promise<JsonValue>;
  readonly evaluate?: (input: PolicyInput, expression: string) => JsonValue;
}): PolicyEngine & { readonly asked: PolicyInput[] } {
  const asked: PolicyInput[] = [];
  const outcomeOf = async (answer: () => JsonValue | Promise<JsonValue>): Promise<PolicyOutcome> => {
    try {
      return { ok: true, output: await answer(), tookMs: 1 };
    } catch (thrown) {
      if (thrown instanceof Failing) return thrown.outcome;
      throw thrown;
    }
  };
  return {
    ...NO_POLICY_ENGINE,
    asked,
    decide: (calls) =>
      Promise.all(
        calls.map(({ policy, inputs }) =>
          Promise.all(
            inputs.map((input) => {
              asked.push(input);
              return outcomeOf(() => answers.decide?.(input, policy.policyId) ?? '');
            }),
          ),
        ),
      ),
    evaluate: (calls) =>
      Promise.all(
        calls.map(({ expression, inputs }) =>
          Promise.all(inputs.map((input) => outcomeOf(() => answers.evaluate?.(input, expression) ?? true))),
        ),
      ),
  };
}

/** Thrown by a scripted answer: the policy fails so. */
export class Failing extends Error {
  readonly outcome: PolicyOutcome;

  constructor(failure: Extract<PolicyOutcome, { ok: false }>['failure'], message = 'as the test wants it') {
    super(message);
    this.outcome = { ok: false, failure, message, tookMs: 1 };
  }
}
