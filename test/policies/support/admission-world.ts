import { DEFAULT_ORG_CONFIG, type OrgConfig } from '../../../src/domain/config/org-config.js';
import { ReeveError } from '../../../src/domain/errors.js';
import type { JobKind } from '../../../src/domain/jobs/job-kind.js';
import type { JsonValue } from '../../../src/domain/json.js';
import { DURATION_TERMS } from '../../../src/domain/order/duration-term.js';
import type { Policy } from '../../../src/domain/policies/policy.js';
import type { PolicyInput } from '../../../src/domain/policies/policy-input.js';
import { NO_POLICIES, NO_ROUTING, NO_TERMS, type Terms } from '../../../src/domain/tasks/terms.js';
import { TIER_AGING } from '../../../src/domain/tasks/tier.js';
import type {
  ExpressionCall,
  PolicyCall,
  PolicyEngine,
  SchemaCall,
} from '../../../src/ports/policy-engine.js';
import { NO_POLICY_ENGINE } from '../../../src/ports/policy-engine.js';
import { admitTasks } from '../../../src/usecases/admission/admit-tasks.js';
import type { Applicant, Judged } from '../../../src/usecases/admission/applicant.js';
import type { Ports } from '../../../src/usecases/ports.js';
import { plainSpec } from '../../support/plain-task.js';
import { Failing } from '../../support/scripted-policies.js';

export const NOW = 1_800_000_000_000;
export const HOUR = 3_600_000;
export const PRINCIPAL = { org: 'acme', subject: 'ann', roles: [] };

type Answers = (input: PolicyInput, policyId: string) => JsonValue;

/** An organisation with policies whose answers are written here, and what its engine was asked. */
export function setup({
  config = {},
  policies = [],
  kinds = [],
  decide = () => true,
  engine: other = {},
  evaluate = () => '0s',
  validate = () => [],
  inputs = {},
  headStarts = TIER_AGING,
  durationTerms = DURATION_TERMS,
  expectedMs = () => null,
}: {
  config?: Partial<OrgConfig>;
  policies?: readonly (Partial<Policy> & Pick<Policy, 'policyId' | 'kind'>)[];
  kinds?: readonly (Partial<JobKind> & Pick<JobKind, 'kind'>)[];
  decide?: Answers;
  /** Answers in place of what is written here. */
  engine?: Partial<PolicyEngine>;
  evaluate?: (input: PolicyInput) => JsonValue;
  validate?: (input: JsonValue) => Awaited<ReturnType<PolicyEngine['validate']>>[number][number];
  inputs?: Readonly<Record<string, JsonValue>>;
  headStarts?: typeof TIER_AGING;
  durationTerms?: typeof DURATION_TERMS;
  /** By kind. Default: nothing is known. */
  expectedMs?: (kind: string) => number | null;
}) {
  const asked: (readonly PolicyCall[])[] = [];
  const evaluated: (readonly ExpressionCall[])[] = [];
  const validated: (readonly SchemaCall[])[] = [];
  const read: string[] = [];
  const outcome = (answer: () => JsonValue) => {
    try {
      return { ok: true, output: answer(), tookMs: 0.5 } as const;
    } catch (error) {
      if (error instanceof Failing) return error.outcome;
      throw error;
    }
  };
  const engine: PolicyEngine = {
    ...NO_POLICY_ENGINE,
    async decide(calls) {
      asked.push(calls);
      return calls.map(({ policy, inputs: given }) =>
        given.map((input) => outcome(() => decide(input, policy.policyId))),
      );
    },
    async evaluate(calls) {
      evaluated.push(calls);
      return calls.map(({ inputs: given }) => given.map((input) => outcome(() => evaluate(input))));
    },
    async validate(calls) {
      validated.push(calls);
      return calls.map(({ inputs: given }) => given.map(validate));
    },
    ...other,
  };
  const snapshot = {
    org: 'acme',
    version: 1,
    config: { ...DEFAULT_ORG_CONFIG, ...config },
    policies: new Map(policies.map((over) => [over.policyId, policyOf(over)])),
    jobKinds: new Map(kinds.map((over) => [over.kind, kindOf(over)])),
  };
  const text = new TextDecoder();
  const ports = {
    policies: engine,
    orgRules: { of: () => snapshot, known: () => snapshot, onChanged() {}, changed: async () => undefined },
    clock: { now: () => NOW, monotonic: () => 0, after: () => () => undefined },
    rules: { headStarts, durationTerms },
    durations: { of: (_org: string, kind: string) => expectedMs(kind) },
    specs: {
      termsOf: () => NO_TERMS,
      inputOf(body: Uint8Array) {
        const name = text.decode(body);
        read.push(name);
        return inputs[name] ?? null;
      },
      hasInput: (body: Uint8Array) => text.decode(body) in inputs,
    },
  } as unknown as Ports;
  const admit = async (...applicants: Applicant[]) => admitTasks(ports)(PRINCIPAL, applicants);
  return { ports, snapshot, admit, asked, evaluated, validated, read };
}

function policyOf(over: Partial<Policy> & Pick<Policy, 'policyId' | 'kind'>): Policy {
  return {
    org: 'acme',
    version: 4,
    rule: { kind: 'CEL', expression: 'task.kind' },
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
  const empty = {
    org: 'acme',
    inputSchema: null,
    requiredFields: [],
    validate: '',
    description: '',
    preemptible: false,
  };
  return { ...empty, version: 2, updateTime: 0, actor: '', ...over };
}

let ids = 0;
export function applicant(
  spec: Parameters<typeof plainSpec>[1] = {},
  terms: Partial<Terms> = {},
  body = '',
): Applicant {
  return {
    taskId: `t${++ids}`,
    spec: plainSpec('ocr', { ...spec, body: new TextEncoder().encode(body) }),
    terms: Object.keys(terms).length === 0 ? NO_TERMS : { ...NO_TERMS, ...terms },
    requireCandidate: false,
    createTime: NOW,
  };
}

export const names = (refs: Partial<Terms['policies']>) => ({
  policies: { ...NO_POLICIES, ...refs },
  routing: NO_ROUTING,
});

export function judgedOf(one: Judged | ReeveError | undefined): Judged {
  if (!one || one instanceof ReeveError) throw one ?? new Error('no answer');
  return one;
}
