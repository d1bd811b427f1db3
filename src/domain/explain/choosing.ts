import type { Decision } from '../policies/decision.js';
import type { TaskEvent } from '../tasks/task.js';
import type { Facts } from './facts.js';
import { at, count } from './words.js';

/** How the choice of an agent by a plan stands. What is told of plans that name nobody: they are asked for again. */
export function choosing({ task, events, decisions, planTries, now }: Facts): string {
  if (task.spec.requirements.route?.by === 'AUCTION') return auctioning(events);
  const plans = decisions.filter(({ kind }) => kind === 'PLAN_RETRIEVE');
  const last = plans.at(-1);
  const failed = last && whyNobody(last);
  if (!failed) return 'Its agent is being chosen.';
  const before = plans.findLastIndex((plan) => whyNobody(plan) === undefined);
  const since = plans[before + 1] ?? last;
  const who = last.policyId === '' ? '' : `policy ${last.policyId} in version ${last.version}: `;
  const text = `Its agent is being chosen; so far nobody was, since ${at(since.time)} (${who}${failed}).`;
  if (planTries === null || planTries.count === 0) return text;
  const { count: tries, nextTime } = planTries;
  const again =
    nextTime > now ? `will be again at ${at(nextTime)}, or sooner if agents change` : 'is being asked again';
  // Other coordinators may have asked too, and this one before it was started last.
  return `${text} It was asked at least ${count(tries, 'time')}, and ${again}.`;
}

function auctioning(events: readonly TaskEvent[]): string {
  const routed = events.findLast(({ type }) => type === 'ROUTED');
  const why = routed ? NOBODY_WON[routed.reason] : undefined;
  if (why === undefined) return 'It is being auctioned.';
  return `It is being auctioned; so far nobody won, since ${at(routed?.eventTime ?? 0)} (${why}).`;
}

const NOBODY_WON: Readonly<Record<string, string>> = {
  NO_BID: 'there was no bid that counts',
  ALL_HAVE_ONE_WAITING: 'all who bid are busy, and have a task waiting for them already',
};

function whyNobody({ failure, message, output }: Decision): string | undefined {
  if (failure !== null) return `${failure}: ${message}`;
  const agentId = (output as { head_agent_subject_id?: unknown } | null)?.head_agent_subject_id ?? output;
  return agentId === '' ? 'it names nobody' : undefined;
}
