import type { Bid } from '../../domain/auctions/bid.js';
import type { JsonObject, JsonValue } from '../../domain/json.js';
import { isObject, objectOf, typeName } from '../../domain/policies/answer-fields.js';
import { policyCandidateOf } from '../../domain/policies/policy-candidate.js';
import { WrongAnswer } from '../../domain/policies/wrong-answer.js';
import type { BidAnswer } from '../../ports/bidding.js';
import type { Evaluation, ExpressionOutcome } from '../../ports/expression-engine.js';
import type { AgentStanding } from '../../ports/ready-index.js';
import { expectedOf } from './expected.js';

/** An auction, as its expressions see it. */
export interface Auctioned {
  readonly shared: JsonObject;
  readonly candidates: readonly AgentStanding[];
  /** How long such tasks take, in ms. */
  readonly usualMs: number | null;
}

/** What is built in: free of charge, as sure and as fast as the agent was so far, and no sooner than it has room. */
export function builtInBid(candidate: AgentStanding, usualMs: number | null): BidAnswer {
  const { runsMs, freeInMs } = expectedOf(candidate, usualMs);
  const confidence = candidate.measured.successRate;
  return { kind: 'BID', bid: { price: 0, etaMs: freeInMs + runsMs, confidence, note: '' } };
}

/** Makes the bids of all candidates: a map of `price`, `eta_seconds`, `confidence` and `note` each. */
export function bidEvaluation(expression: string, { shared, candidates, usualMs }: Auctioned): Evaluation {
  const own = candidates.map((candidate) => ({ candidate: candidateFields(candidate, usualMs) }));
  return { expression, shared, own };
}

/** A candidate as expressions see it: as plan policies do, and what is expected of it. */
export function candidateFields(candidate: AgentStanding, usualMs: number | null): JsonObject {
  const { runsMs, freeInMs } = expectedOf(candidate, usualMs);
  const fields = policyCandidateOf(candidate) as unknown as JsonObject;
  return { ...fields, expected_seconds: runsMs / 1_000, free_in_seconds: freeInMs / 1_000 };
}

const FIELDS = ['price', 'eta_seconds', 'confidence', 'note'];

/** Whether what it says is in range is looked at later, as of any bid. */
export function bidFrom(outcome: ExpressionOutcome, usual: Bid): BidAnswer {
  if (!outcome.ok) return { kind: 'INVALID', message: `${outcome.failure}: ${outcome.message}` };
  if (outcome.value === null) return { kind: 'PASSED' };
  try {
    const said = objectOf(outcome.value, 'a map or null', FIELDS);
    const etaMs = numberIn(said, 'eta_seconds', usual.etaMs / 1_000) * 1_000;
    const note = typeof said.note === 'string' ? said.note : '';
    const confidence = numberIn(said, 'confidence', usual.confidence);
    return { kind: 'BID', bid: { price: numberIn(said, 'price', usual.price), etaMs, confidence, note } };
  } catch (error) {
    if (!(error instanceof WrongAnswer)) throw error;
    return { kind: 'INVALID', message: `the expression's answer ${error.message}` };
  }
}

/** What is left out is as it is built in. */
function numberIn(said: JsonObject, name: string, usual: number): number {
  const value: JsonValue = said[name] ?? null;
  if (value === null) return usual;
  if (typeof value !== 'number') throw new WrongAnswer(`${name} must be a number, not ${typeName(value)}`);
  return value;
}

/** A score is a number; anything else is none. */
export function scoreFrom(outcome: ExpressionOutcome): number | string {
  if (!outcome.ok) return `${outcome.failure}: ${outcome.message}`;
  const { value } = outcome;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const what = isObject(value) ? 'a map' : typeName(value);
  return `the score expression must answer a number, not ${what}`;
}
