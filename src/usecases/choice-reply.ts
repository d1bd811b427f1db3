import type { AuctionTrail } from '../domain/auctions/trail.js';
import type { Decision } from '../domain/policies/decision.js';
import type { OnPolicyError } from '../domain/policies/policy.js';
import type { Choice } from '../domain/routing/choice.js';
import type { NextBidder } from '../domain/routing/route.js';
import type { Award } from '../ports/auction-record.js';

/** Whom a plan policy or an auction chose for a task. */
export interface ChoiceReply {
  readonly choice: Choice;
  /** What the trail says of it in short. */
  readonly reason: string;
  /** What a policy said, for the trail. `null`: none was asked. */
  readonly decision: Decision | null;
  /** What the policy wants done if it fails. */
  readonly onError: OnPolicyError;
  /** Who gets it next if it does not come to an end with that agent. */
  readonly next: readonly NextBidder[];
  /** How long the task waits for that agent at most, in ms. `null`: as long as any chosen one may take to begin. */
  readonly waitsMs: number | null;
  readonly auction: AuctionTrail | null;
  /** `null`: none is to be followed to its end. */
  readonly award: Award | null;
}
