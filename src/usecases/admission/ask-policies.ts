import type { JsonValue } from '../../domain/json.js';
import type { Policy, PolicyKind, PolicyRule } from '../../domain/policies/policy.js';
import { namesInput, type PolicyInput } from '../../domain/policies/policy-input.js';
import { policyTaskOf } from '../../domain/policies/policy-task.js';
import type { OrgSnapshot } from '../../ports/org-rules.js';
import type { PolicyOutcome } from '../../ports/policy-engine.js';
import type { Ports } from '../ports.js';
import type { Answer } from './answers.js';
import type { Applicant } from './applicant.js';
import type { InputOf } from './input-of.js';

/** What is asked before a task is accepted. */
export type AskedKind = Extract<PolicyKind, 'APPROVAL' | 'PRIORITY'>;

/** By kind; left out: nobody is to be asked. */
export type Answers = Partial<Record<AskedKind, Answer>>;

/** A question to a policy, or to one that does not exist. */
interface Question {
  readonly kind: AskedKind;
  readonly policyId: string;
  readonly policy: Policy | null;
}

/**
 * Asks the policies that tasks name, else those of their organisation: all of a batch in one call, each policy
 * once for all of its tasks. One answer a task, in order; tasks that ask for nobody cost nothing.
 */
export async function askPolicies(
  ports: Pick<Ports, 'policies' | 'clock'>,
  snapshot: OrgSnapshot,
  applicants: readonly Applicant[],
  kinds: readonly AskedKind[],
  inputOf: InputOf,
): Promise<readonly Answers[]> {
  const answers: Answers[] = applicants.map(() => ({}));
  const calls = new Map<Policy, { readonly inputs: PolicyInput[]; readonly of: [number, AskedKind][] }>();
  const now = ports.clock.now();
  applicants.forEach((applicant, i) => {
    const questions = questionsOf(snapshot, applicant, kinds);
    if (questions.length === 0) return;
    const looks = questions.some(({ policy }) => policy !== null && looksAtInput(policy.rule));
    const input = policyInputOf(snapshot, applicant, now, looks ? inputOf(applicant) : undefined);
    for (const { kind, policyId, policy } of questions) {
      if (!policy) {
        (answers[i] as Answers)[kind] = missing(snapshot, kind, policyId, input);
        continue;
      }
      const call = calls.get(policy);
      if (call) {
        call.inputs.push(input);
        call.of.push([i, kind]);
      } else calls.set(policy, { inputs: [input], of: [[i, kind]] });
    }
  });
  if (calls.size === 0) return answers;
  const asked = [...calls];
  const outcomes = await ports.policies.decide(asked.map(([policy, { inputs }]) => ({ policy, inputs })));
  asked.forEach(([{ policyId, version, onError, rule }, { inputs, of }], c) => {
    of.forEach(([i, kind], n) => {
      const outcome = outcomes[c]?.[n] ?? unanswered;
      const input = inputs[n] as PolicyInput;
      (answers[i] as Answers)[kind] = { kind, policyId, version, onError, rule, input, outcome };
    });
  });
  return answers;
}

const unanswered: PolicyOutcome = { ok: false, failure: 'ERROR', message: 'there was no answer', tookMs: 0 };

/** What a policy is told of a task. */
export function policyInputOf(
  { config }: OrgSnapshot,
  { taskId, spec, terms, createTime }: Applicant,
  now: number,
  input: JsonValue | undefined,
): PolicyInput {
  const facts = { taskId, spec, terms, createTime, ...(input !== undefined && { input }) };
  return { task: policyTaskOf(facts), org: config.values, now };
}

function questionsOf(
  { config, policies }: OrgSnapshot,
  { terms }: Applicant,
  kinds: readonly AskedKind[],
): readonly Question[] {
  const ids: Record<AskedKind, string | null> = {
    APPROVAL: terms.policies.approval ?? config.approvalPolicy,
    PRIORITY: terms.policies.priority ?? config.priorityPolicy,
  };
  return kinds.flatMap((kind) => {
    const policyId = ids[kind];
    if (policyId === null) return [];
    const policy = policies.get(policyId);
    return [{ kind, policyId, policy: policy?.kind === kind ? policy : null }];
  });
}

/** A remote policy is told everything. */
function looksAtInput(rule: PolicyRule): boolean {
  return rule.kind === 'REMOTE' || namesInput(rule.expression);
}

function missing({ policies }: OrgSnapshot, kind: AskedKind, policyId: string, input: PolicyInput): Answer {
  const other = policies.get(policyId);
  const message = other
    ? `policy ${policyId} is of the kind ${other.kind}, not ${kind}`
    : `policy ${policyId} does not exist`;
  const outcome: PolicyOutcome = { ok: false, failure: 'MISSING', message, tookMs: 0 };
  return { kind, policyId, version: 0, onError: 'DEFAULT', rule: null, input, outcome };
}
