import type { Choice } from '../../domain/routing/choice.js';
import type { NextBidder, Route } from '../../domain/routing/route.js';
import type { Task } from '../../domain/tasks/task.js';
import type { Award } from '../../ports/auction-record.js';
import type { OrgSnapshot } from '../../ports/org-rules.js';
import type { CandidateSurvey } from '../../ports/ready-index.js';
import type { ChoiceReply } from '../choice-reply.js';
import type { Ports } from '../ports.js';
import { type AuctionReply, bidderOf, holdAuctions } from './hold-auctions.js';
import { Room } from './room.js';

/** A task whose agent an auction is to find. */
export interface AuctionRouteQuestion {
  readonly task: Task;
  readonly route: Route;
  readonly survey: CandidateSurvey;
  readonly lastAgentId: string | null;
}

/**
 * Who gets tasks by auction: where the last winner did not bring it to an end, the next of that auction who still may
 * get it; else whoever wins another. One reply a question, in order.
 *
 * @param addressed tasks that wait for agents, by the agent
 */
export async function routeAuctions(
  ports: Ports,
  snapshot: OrgSnapshot,
  questions: readonly AuctionRouteQuestion[],
  addressed: ReadonlyMap<string, number>,
): Promise<readonly ChoiceReply[]> {
  const now = ports.clock.now();
  const nexts = questions.map((question) => nextOf(question, now));
  const open = questions.filter((_, i) => nexts[i] === null);
  const replies = (await holdAuctions(ports, snapshot, open, new Room(addressed))).values();
  return questions.map((question, i) => {
    const next = nexts[i];
    if (next) return next;
    const reply = replies.next().value as AuctionReply;
    return replyOf(question, reply, now);
  });
}

/** `null`: nobody of the last auction is left. */
function nextOf(question: AuctionRouteQuestion, now: number): ChoiceReply | null {
  const { task, route, survey, lastAgentId } = question;
  const all = route.next ?? [];
  const at = all.findIndex(
    ({ agentId }) => agentId !== lastAgentId && survey.agents.some(({ spec }) => spec.agentId === agentId),
  );
  const bidder = all[at];
  if (!bidder) return null;
  const { agentId } = bidder;
  return {
    choice: { kind: 'AGENT', agentId },
    reason: `AWARDED_NEXT: ${agentId}`,
    ...{ decision: null, onError: 'DEFAULT', waitsMs: null, auction: null },
    next: all.slice(at + 1),
    award: awardOf(task, bidder, now),
  };
}

function replyOf(
  { task }: AuctionRouteQuestion,
  { winner, next, waitsMs, decision, against, onError, trail }: AuctionReply,
  now: number,
): ChoiceReply {
  const common = { decision, onError, next, waitsMs };
  if (against !== '') {
    const failure = decision?.failure ?? 'ERROR';
    const choice: Choice = { kind: 'FAILED', failure, message: against };
    return { ...common, choice, reason: `AUCTION_FAILED: ${failure}`, auction: null, award: null };
  }
  if (!winner) {
    const isFull = trail.bids.some(({ fate }) => fate === 'HAS_ONE_WAITING');
    const reason = isFull ? 'ALL_HAVE_ONE_WAITING' : 'NO_BID';
    return { ...common, choice: { kind: 'NONE' }, reason, auction: trail, award: null };
  }
  const award = awardOf(task, bidderOf(winner), now);
  return {
    ...{ ...common, award, auction: trail },
    choice: { kind: 'AGENT', agentId: winner.agentId },
    reason: 'AWARDED',
  };
}

function awardOf({ org, taskId, epoch, spec }: Task, bidder: NextBidder, now: number): Award {
  return { ...bidder, org, taskId, epoch: epoch + 1, kind: spec.kind, awardTime: now };
}
