import type { JsonValue } from '../../domain/json.js';
import type { Policy, PolicyKind, PolicyRule } from '../../domain/policies/policy.js';
import { namesInput, type PolicyInput } from '../../domain/policies/policy-input.js';
import { policyTaskOf } from '../../domain/policies/policy-task.js';
import type { OrgSnapshot } from '../../ports/org-rules.js';
import { type PolicyOutcome, UNANSWERED } from '../../ports/policy-engine.js';
import type { Ports } from '../ports.js';
import type { Answer, Asked } from './answers.js';
import type { Applicant } from './applicant.js';
import type { InputOf } from './input-of.js';

/** What is asked before a task is accepted. */
export type AskedKind = Extract<PolicyKind, 'APPROVAL' | 'PRIORITY'>;

/** By kind; left out: nobody is to be asked. */
export type Answers = Partial<Record<AskedKind, Answer>>;

/** A policy, or one that does not exist, and what it is asked for the tasks of a batch. */
interface Call {
  readonly by: Asked;
  readonly policy: Policy | null;
  readonly looksAtInput: boolean;
  readonly inputs: PolicyInput[];
  /** Whose inputs they are, by their places in the batch. */
  readonly of: number[];
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
  const calls = callsFor(snapshot, applicants, kinds, ports.clock.now(), inputOf);
  if (calls.length === 0) return answers;
  const asked = calls.flatMap(({ policy, inputs }) => (policy ? [{ policy, inputs }] : []));
  const outcomes = asked.length > 0 ? await ports.policies.decide(asked) : [];
  let next = 0;
  for (const { by, policy, inputs, of } of calls) {
    const ofCall = policy ? outcomes[next++] : null;
    const outcome = policy ? UNANSWERED : missing(snapshot, by);
    for (let n = 0; n < of.length; n++) {
      const answer: Answer = { by, input: inputs[n] as PolicyInput, outcome: ofCall?.[n] ?? outcome };
      (answers[of[n] as number] as Answers)[by.kind as AskedKind] = answer;
    }
  }
  return answers;
}

/** Each policy once; a task is described once, whoever looks at it. */
function callsFor(
  snapshot: OrgSnapshot,
  applicants: readonly Applicant[],
  kinds: readonly AskedKind[],
  now: number,
  inputOf: InputOf,
): readonly Call[] {
  const calls: Call[] = [];
  applicants.forEach((applicant, i) => {
    const asked: Call[] = [];
    for (const kind of kinds) {
      const policyId = policyFor(kind, snapshot, applicant);
      if (policyId === null) continue;
      let call = calls.find(({ by }) => by.kind === kind && by.policyId === policyId);
      if (!call) {
        call = callOf(snapshot, kind, policyId);
        calls.push(call);
      }
      asked.push(call);
    }
    if (asked.length === 0) return;
    const looks = asked.some(({ looksAtInput }) => looksAtInput);
    const input = policyInputOf(snapshot, applicant, now, looks ? inputOf(applicant) : undefined);
    for (const { inputs, of } of asked) {
      inputs.push(input);
      of.push(i);
    }
  });
  return calls;
}

function policyFor(kind: AskedKind, { config }: OrgSnapshot, { terms }: Applicant): string | null {
  if (kind === 'APPROVAL') return terms.policies.approval ?? config.approvalPolicy;
  return terms.policies.priority ?? config.priorityPolicy;
}

function callOf({ policies }: OrgSnapshot, kind: AskedKind, policyId: string): Call {
  const found = policies.get(policyId);
  const policy = found?.kind === kind ? found : null;
  const { version, onError } = policy ?? { version: 0, onError: 'DEFAULT' };
  const looksAtInput = policy !== null && looksAt(policy.rule);
  return { by: { kind, policyId, version, onError }, policy, looksAtInput, inputs: [], of: [] };
}

/** A remote policy is told everything. */
function looksAt(rule: PolicyRule): boolean {
  return rule.kind === 'REMOTE' || namesInput(rule.expression);
}

/** What a policy is told of a task. */
export function policyInputOf(
  { config }: OrgSnapshot,
  { taskId, spec, terms, createTime }: Applicant,
  now: number,
  input: JsonValue | undefined,
): PolicyInput {
  return { task: policyTaskOf({ taskId, spec, terms, createTime, input }), org: config.values, now };
}

function missing({ policies }: OrgSnapshot, { kind, policyId }: Asked): PolicyOutcome {
  const other = policies.get(policyId);
  const message = other
    ? `policy ${policyId} is of the kind ${other.kind}, not ${kind}`
    : `policy ${policyId} does not exist`;
  return { ok: false, failure: 'MISSING', message, tookMs: 0 };
}
