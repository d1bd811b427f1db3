import { type Decider, type Decision, recorded } from '../domain/policies/decision.js';
import type { Policy } from '../domain/policies/policy.js';
import { policyCandidateOf } from '../domain/policies/policy-candidate.js';
import { namesInput, type PolicyInput } from '../domain/policies/policy-input.js';
import { policyTaskOf } from '../domain/policies/policy-task.js';
import { untold } from '../domain/policies/question.js';
import { keptOutput, keptQuestion } from '../domain/policies/trail.js';
import { type Choice, choiceOf, reasonOf } from '../domain/routing/choice.js';
import type { Task } from '../domain/tasks/task.js';
import type { OrgSnapshot } from '../ports/org-rules.js';
import { type PolicyOutcome, UNANSWERED } from '../ports/policy-engine.js';
import type { CandidateSurvey } from '../ports/ready-index.js';
import type { ChoiceReply } from './choice-reply.js';
import { eligibleCandidates } from './eligible-candidates.js';
import type { Ports } from './ports.js';

/** A task, and those who may get it as things are. */
export interface PlanQuestion {
  readonly task: Task;
  readonly survey: CandidateSurvey;
}

/**
 * Asks the plan policies that tasks name, else that of their organisation, all in one call. An agent is chosen
 * only if it may get the task as things are. One reply a question, in order.
 */
export async function askPlans(
  ports: Pick<Ports, 'policies' | 'clock' | 'specs' | 'index' | 'pools'>,
  snapshot: OrgSnapshot,
  questions: readonly PlanQuestion[],
): Promise<readonly ChoiceReply[]> {
  const time = ports.clock.now();
  const asked = questions.map((question) => {
    const terms = ports.specs.termsOf(question.task.spec.body);
    const policyId = terms.policies.planRetrieve ?? snapshot.config.planRetrievePolicy ?? '';
    const found = snapshot.policies.get(policyId);
    const policy = found?.kind === 'PLAN_RETRIEVE' ? found : null;
    return {
      ...question,
      policyId,
      policy,
      input: inputOf(ports, snapshot, question, { policy, now: time }),
    };
  });
  const calls = new Map<Policy, { readonly inputs: PolicyInput[]; readonly of: number[] }>();
  for (const [i, { policy, input }] of asked.entries()) {
    if (!policy) continue;
    const call = calls.get(policy) ?? { inputs: [], of: [] };
    call.inputs.push(input);
    call.of.push(i);
    calls.set(policy, call);
  }
  const outcomes = new Map<number, PolicyOutcome>();
  if (calls.size > 0) {
    const answers = await ports.policies.decide(
      [...calls].map(([policy, { inputs }]) => ({ policy, inputs })),
    );
    [...calls.values()].forEach(({ of }, c) => {
      for (const [n, i] of of.entries()) outcomes.set(i, answers[c]?.[n] ?? UNANSWERED);
    });
  }
  return Promise.all(
    asked.map(async ({ task, survey, policy, policyId, input }, i): Promise<ChoiceReply> => {
      const outcome = outcomes.get(i) ?? missing(policyId);
      const choice = await heldAgainst(ports, { task, survey }, choiceOf(outcome));
      const by = { kind: 'PLAN_RETRIEVE', policyId, version: policy?.version ?? 0 } as const;
      const decision = decisionOf(by, input, outcome, choice);
      const onError = policy?.onError ?? 'DEFAULT';
      const reason = reasonOf(choice);
      return { choice, reason, decision, onError, next: [], waitsMs: null, auction: null, award: null };
    }),
  );
}

function inputOf(
  { specs }: Pick<Ports, 'specs'>,
  { config }: OrgSnapshot,
  { task, survey }: PlanQuestion,
  { policy, now }: { readonly policy: Policy | null; readonly now: number },
): PolicyInput {
  const { taskId, spec, createTime } = task;
  const rule = policy?.rule;
  const looks = rule !== undefined && (rule.kind === 'REMOTE' || namesInput(rule.expression));
  const terms = specs.termsOf(spec.body);
  const facts = { taskId, spec, terms, createTime, input: looks ? specs.inputOf(spec.body) : undefined };
  const candidates = survey.agents.map(policyCandidateOf);
  return { task: policyTaskOf(facts), candidates, org: config.values, now };
}

function missing(policyId: string): PolicyOutcome {
  const message =
    policyId === '' ? 'no plan policy is set' : `there is no plan policy ${policyId} in this organisation`;
  return { ok: false, failure: 'MISSING', message, tookMs: 0 };
}

/** A policy may name somebody whom it was not shown, but nobody who may not get the task. */
async function heldAgainst(
  ports: Pick<Ports, 'index' | 'pools'>,
  { task, survey }: PlanQuestion,
  choice: Choice,
): Promise<Choice> {
  if (choice.kind !== 'AGENT') return choice;
  const { agentId } = choice;
  if (survey.agents.some(({ spec }) => spec.agentId === agentId)) return choice;
  const { kind, requirements } = task.spec;
  const { agents } = await eligibleCandidates(ports, { org: task.org, kind, requirements, agentId, max: 1 });
  if (agents.length > 0) return choice;
  const message = `agent ${agentId}, which the policy chose, is not among those who may get the task`;
  return { kind: 'FAILED', failure: 'WRONG_RESULT', message };
}

function decisionOf(by: Decider, input: PolicyInput, outcome: PolicyOutcome, choice: Choice): Decision {
  const { kept: question, leftOut } = keptQuestion(outcome.question ?? untold(input));
  const { kept: output } = keptOutput(outcome.ok ? outcome.output : null);
  const { failure, message } = choice.kind === 'FAILED' ? choice : { failure: null, message: '' };
  const words = leftOut === '' ? message : `${message} left out: ${leftOut}`.trim();
  return recorded({ by, question, output, failure, message: words, tookMs: outcome.tookMs });
}
