import type { JsonObject } from '../../domain/json.js';
import type { Task } from '../../domain/tasks/task.js';
import type { OrgSnapshot } from '../../ports/org-rules.js';
import type { AgentStanding, CandidateSurvey } from '../../ports/ready-index.js';
import type { Ports } from '../ports.js';
import type { AskedTerms } from './ask-terms.js';

/** A task to be auctioned, and those who may get it. */
export interface AuctionQuestion {
  readonly task: Task;
  readonly survey: CandidateSurvey;
  /** Who had it last and did not bring it to an end: it bids no more, unless there is nobody else. */
  readonly lastAgentId: string | null;
}

/** An auction that is being held. */
export interface Auction extends AskedTerms {
  readonly task: Task;
  readonly candidates: readonly AgentStanding[];
  /** How long such tasks take, in ms. `null`: nobody knows. */
  readonly usualMs: number | null;
  /** What all of its expressions see. */
  readonly shared: JsonObject;
}

export function auctionOf(
  { durations, clock }: Pick<Ports, 'durations' | 'clock'>,
  { org, config }: OrgSnapshot,
  { task, survey, lastAgentId }: AuctionQuestion,
  asked: AskedTerms,
): Auction {
  const others = survey.agents.filter(({ spec }) => spec.agentId !== lastAgentId);
  const { value, hourCost: hour_cost, maxPrice: max_price, parameters } = asked.terms;
  const auction = { ...parameters, value, hour_cost, max_price };
  const shared = {
    task: asked.policyTask as unknown as JsonObject,
    ...{ auction, org: config.values, now: clock.now() },
  };
  const candidates = others.length > 0 ? others : survey.agents;
  return { ...asked, task, candidates, usualMs: durations.of(org, task.spec.kind), shared };
}
