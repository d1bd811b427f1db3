import type { NewDecision } from '../../domain/policies/decision.js';
import {
  headStartByFormula,
  headStartOfPriority,
  tierHeadStarts,
  type Weighed,
} from '../../domain/policies/head-start.js';
import { namesInput } from '../../domain/policies/policy-input.js';
import { readHeadStart, readPriority } from '../../domain/policies/read-answers.js';
import { TIER_AGING } from '../../domain/tasks/tier.js';
import type { OrgSnapshot } from '../../ports/org-rules.js';
import { UNANSWERED } from '../../ports/policy-engine.js';
import type { Ports, Rules } from '../ports.js';
import { type Answer, type Asked, hear } from './answers.js';
import type { Applicant } from './applicant.js';
import { type Answers, policyInputOf } from './ask-policies.js';
import type { InputOf } from './input-of.js';
import { standBack } from './stand-back.js';

/** How far ahead a task goes, less what it stands back because it is expected to take long. */
export interface Rank {
  readonly headStartMs: number;
  /** What was said of it. */
  readonly decisions: readonly NewDecision[];
  /** Why it is not to be accepted, since its policy could not be asked; empty: nothing is against it. */
  readonly against: string;
}

/**
 * How far ahead tasks go: by their policy's answer, else by the formula, whose expression is asked for all
 * of them in one call. One rank a task, in order.
 */
export async function prioritise(
  ports: Pick<Ports, 'policies' | 'clock' | 'rules' | 'durations'>,
  snapshot: OrgSnapshot,
  applicants: readonly Applicant[],
  answers: readonly Answers[],
  inputOf: InputOf,
): Promise<readonly Rank[]> {
  const { config } = snapshot;
  const ranks = applicants.map((applicant, i): Rank | null => {
    const answer = answers[i]?.PRIORITY;
    if (!answer) return null;
    const { value, problem, decision } = hear(answer, readPriority);
    if (value) {
      const headStartMs = headStartOfPriority(value.priority, config.headStarts);
      return { headStartMs, decisions: [decision], against: '' };
    }
    const { policyId, onError } = answer.by;
    const why = `priority policy ${policyId} gave no answer: ${problem}`;
    const against = onError === 'REJECT' ? why : '';
    return { headStartMs: byFormula(ports.rules, snapshot, applicant), decisions: [decision], against };
  });
  const { priorityFormula, priorityExpression: expression } = config;
  const isWeighing = priorityFormula === 'weighted' && expression !== null;
  const rest = isWeighing ? applicants.filter((_, i) => isByFormula(ranks[i])) : [];
  const weighed = rest.length > 0 ? await weigh(ports, snapshot, rest, expression ?? '', inputOf) : null;
  const back = standBack(ports, snapshot);
  return applicants.map((applicant, i): Rank => {
    const rank = ranks[i];
    const said = weighed?.get(applicant);
    const decisions = [...(rank?.decisions ?? []), ...(said ? [said.decision] : [])];
    const headStartMs = said?.headStartMs ?? rank?.headStartMs ?? byFormula(ports.rules, snapshot, applicant);
    return { headStartMs: headStartMs - back(applicant.spec), decisions, against: rank?.against ?? '' };
  });
}

/** Nobody has said a priority, and nothing is against it. */
function isByFormula(rank: Rank | null | undefined): boolean {
  return !rank || (rank.against === '' && rank.decisions.some(({ failure }) => failure !== null));
}

/** What a task is worth where no policy says it, by the formula as it is built in; in ms. */
export function byFormula(
  { headStarts }: Pick<Rules, 'headStarts'>,
  { config }: Pick<OrgSnapshot, 'config'>,
  { spec, terms }: Pick<Applicant, 'spec' | 'terms'>,
): number {
  const { priorityFormula } = config;
  const weighed: Weighed = { tier: spec.tier, terms, dependencies: spec.dependencies.length };
  if (priorityFormula !== null && priorityFormula !== 'tier_aging') {
    return headStartByFormula(priorityFormula, weighed, headStarts);
  }
  const server = priorityFormula === null ? headStarts : TIER_AGING;
  return headStartByFormula('tier_aging', weighed, tierHeadStarts(server, config));
}

/** What the organisation's expression gives them; `null`: it failed, so what is built in counts. */
async function weigh(
  { policies, clock }: Pick<Ports, 'policies' | 'clock'>,
  snapshot: OrgSnapshot,
  applicants: readonly Applicant[],
  expression: string,
  inputOf: InputOf,
): Promise<ReadonlyMap<Applicant, { readonly headStartMs: number | null; readonly decision: NewDecision }>> {
  const now = clock.now();
  const looks = namesInput(expression);
  const inputs = applicants.map((applicant) =>
    policyInputOf(snapshot, applicant, now, looks ? inputOf(applicant) : undefined),
  );
  const [outcomes = []] = await policies.evaluate([{ use: 'HEAD_START', expression, inputs }]);
  const by: Asked = { kind: 'PRIORITY', policyId: '', version: 0, onError: 'DEFAULT' };
  return new Map(
    applicants.map((applicant, i) => {
      const input = inputs[i] ?? policyInputOf(snapshot, applicant, now, undefined);
      const answer: Answer = { by, input, outcome: outcomes[i] ?? UNANSWERED };
      const { value, decision } = hear(answer, readHeadStart);
      return [applicant, { headStartMs: value, decision }];
    }),
  );
}
