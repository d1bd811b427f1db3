import { type AuctionTerms, auctionTerms, usualTerms } from '../../domain/auctions/terms.js';
import type { Decision } from '../../domain/policies/decision.js';
import { recorded } from '../../domain/policies/decision.js';
import type { OnPolicyError, Policy } from '../../domain/policies/policy.js';
import { namesInput, type PolicyInput } from '../../domain/policies/policy-input.js';
import { policyTaskOf } from '../../domain/policies/policy-task.js';
import { untold } from '../../domain/policies/question.js';
import { readAuctionInput } from '../../domain/policies/read-answers.js';
import { keptOutput, keptQuestion } from '../../domain/policies/trail.js';
import { WrongAnswer } from '../../domain/policies/wrong-answer.js';
import type { Task } from '../../domain/tasks/task.js';
import type { OrgSnapshot } from '../../ports/org-rules.js';
import { type PolicyOutcome, UNANSWERED } from '../../ports/policy-engine.js';
import type { Ports } from '../ports.js';

/** What a task's auction goes by, and who said so. */
export interface AskedTerms {
  readonly terms: AuctionTerms;
  /** As policies see it, with its input. */
  readonly policyTask: PolicyInput['task'];
  /** `null`: nobody was asked. */
  readonly decision: Decision | null;
  /** Why there is to be no auction: its policy failed, and says so. Empty: there is one. */
  readonly against: string;
  readonly onError: OnPolicyError;
}

/** Asks the auction-input policies that tasks name, else that of their organisation, all in one call. In order. */
export async function askTerms(
  { policies, specs, clock }: Pick<Ports, 'policies' | 'specs' | 'clock'>,
  { config, policies: known }: OrgSnapshot,
  tasks: readonly Task[],
): Promise<readonly AskedTerms[]> {
  const now = clock.now();
  const namesOne = [config.auctionBidExpression, config.auctionScoreExpression].some(
    (expression) => expression !== null && namesInput(expression),
  );
  const asked = tasks.map((task) => {
    const { taskId, spec, createTime } = task;
    const terms = specs.termsOf(spec.body);
    const policyId = terms.policies.auctionInput ?? config.auctionInputPolicy ?? '';
    const found = known.get(policyId);
    const policy = found?.kind === 'AUCTION_INPUT' ? found : null;
    const rule = policy?.rule;
    const looks = namesOne || (rule && (rule.kind === 'REMOTE' || namesInput(rule.expression)));
    const facts = { taskId, spec, terms, createTime, input: looks ? specs.inputOf(spec.body) : undefined };
    const input: PolicyInput = { task: policyTaskOf(facts), org: config.values, now };
    return { policyId, policy, input };
  });
  const outcomes = await decideAll(policies, asked);
  return asked.map(({ policyId, policy, input }, i): AskedTerms => {
    const usual = {
      terms: usualTerms(config),
      policyTask: input.task,
      against: '',
      onError: 'DEFAULT',
    } as const;
    if (policyId === '') return { ...usual, decision: null };
    const outcome = outcomes.get(i) ?? missing(policyId);
    const { terms, failure, message } = read(config, outcome);
    const onError = policy?.onError ?? 'DEFAULT';
    const by = { kind: 'AUCTION_INPUT', policyId, version: policy?.version ?? 0 } as const;
    const { kept: question, leftOut } = keptQuestion(outcome.question ?? untold(input));
    const { kept: output } = keptOutput(outcome.ok ? outcome.output : null);
    const words = leftOut === '' ? message : `${message} left out: ${leftOut}`.trim();
    const decision = recorded({ by, question, output, failure, message: words, tookMs: outcome.tookMs });
    const against = failure !== null && onError === 'REJECT' ? `${failure}: ${message}` : '';
    return { terms, policyTask: input.task, decision, against, onError };
  });
}

async function decideAll(
  policies: Ports['policies'],
  asked: readonly { readonly policy: Policy | null; readonly input: PolicyInput }[],
): Promise<ReadonlyMap<number, PolicyOutcome>> {
  const calls = new Map<Policy, { readonly inputs: PolicyInput[]; readonly of: number[] }>();
  for (const [i, { policy, input }] of asked.entries()) {
    if (!policy) continue;
    const call = calls.get(policy) ?? { inputs: [], of: [] };
    call.inputs.push(input);
    call.of.push(i);
    calls.set(policy, call);
  }
  const outcomes = new Map<number, PolicyOutcome>();
  if (calls.size === 0) return outcomes;
  const answers = await policies.decide([...calls].map(([policy, { inputs }]) => ({ policy, inputs })));
  [...calls.values()].forEach(({ of }, c) => {
    for (const [n, i] of of.entries()) outcomes.set(i, answers[c]?.[n] ?? UNANSWERED);
  });
  return outcomes;
}

function read(config: OrgSnapshot['config'], outcome: PolicyOutcome) {
  const usual = usualTerms(config);
  if (!outcome.ok) return { terms: usual, failure: outcome.failure, message: outcome.message };
  try {
    return { terms: auctionTerms(config, readAuctionInput(outcome.output)), failure: null, message: '' };
  } catch (error) {
    if (!(error instanceof WrongAnswer)) throw error;
    return { terms: usual, failure: 'WRONG_RESULT' as const, message: `the answer ${error.message}` };
  }
}

function missing(policyId: string): PolicyOutcome {
  const message = `there is no auction-input policy ${policyId} in this organisation`;
  return { ok: false, failure: 'MISSING', message, tookMs: 0 };
}
