import type { Decision } from '../policies/decision.js';
import { APPROVAL_DUE } from '../tasks/admission.js';
import { isLeased, isTerminal } from '../tasks/task-state.js';
import { auctionOf } from './auctions.js';
import { blockersOf } from './blockers.js';
import { candidatesOf } from './candidates.js';
import { expectedStart } from './expected-start.js';
import type { Explanation, QueuePlace, Selected } from './explanation.js';
import type { Facts } from './facts.js';
import { returnedBefore, selectedOf, whyChosen } from './selected.js';
import { countOf, releasedLanes } from './ways.js';
import { at, changeText, count, names, spanText } from './words.js';

/** Why a task is where it is. */
export function explain(facts: Facts): Explanation {
  const { task, events, agents, connected, decisions } = facts;
  const blockers = blockersOf(facts);
  const selection = selectedOf(events, task.spec.requirements);
  const place = task.state === 'QUEUED' ? placeOf(facts) : null;
  const away = agents.filter(({ instances }) => instances === 0).length;
  const said = { blockers, selection, place };
  return {
    ...said,
    text: textOf(facts, said),
    candidates: isTerminal(task.state) ? [] : candidatesOf(facts),
    agentCount: connected + away,
    decisions,
    auction: auctionOf(events),
  };
}

function placeOf(facts: Facts): QueuePlace | null {
  const { place, task, headStarts, agents, expectedMs, durationTermMs } = facts;
  if (!place) return null;
  const lanes = releasedLanes(place).filter(({ isServed }) => isServed);
  const takers = agents.filter(({ against, instances }) => against.length === 0 && instances > 0);
  const same = lanes.filter((lane) => takers.some(({ spec }) => lane.goesTo(spec.agentId)));
  const headStartMs =
    task.runnableTime === null ? headStarts[task.tier] - durationTermMs : task.runnableTime - place.score;
  return {
    position: countOf(lanes) + 1,
    ahead: countOf(same),
    score: place.score,
    // Those that are expected to take next to no time have all of theirs.
    overtakenAtMostMs: Math.max(0, facts.greatestHeadStartMs - headStartMs),
    ...{ headStartMs, expectedMs, durationTermMs },
    start: expectedStart(facts),
  };
}

type Said = Pick<Explanation, 'blockers' | 'selection' | 'place'>;

function textOf(facts: Facts, said: Said): string {
  const { task } = facts;
  if (isTerminal(task.state)) return ended(facts, said.selection);
  if (isLeased(task.state)) return leased(facts, said.selection);
  const { blockers } = said;
  const reasons = blockers.map(({ text }) => text);
  const changes = blockers.map(({ change }) => changeText(change));
  const effect = blockers[0]?.effect.kind === 'STARTS' ? 'It starts' : 'It goes on';
  const once = changes.length > 0 ? [`${effect} once ${names(changes, changes.length)}.`] : [];
  return [`It is ${task.state}.`, ...reasons, ...once, ...expectation(facts, said)].join(' ');
}

/** A place in the order says nothing where nobody may get the task. */
function expectation({ agents }: Facts, { place }: Said): readonly string[] {
  if (!place || !agents.some(({ against, instances }) => against.length === 0 && instances > 0)) return [];
  const { position, start, expectedMs, durationTermMs } = place;
  const told = [`It is number ${position} in the order.`];
  if (expectedMs !== null && durationTermMs > 0) {
    told.push(
      `Tasks of its kind are expected to take ${spanText(expectedMs)}, which puts them back by ${spanText(durationTermMs)}.`,
    );
  }
  if (start && start.latest > start.earliest) {
    told.push(
      `Expected to start about ${at(start.expected)}, between ${at(start.earliest)} and ${at(start.latest)} (8 of 10).`,
    );
  }
  return told;
}

function leased({ task, events }: Facts, selection: Selected | null): string {
  const { state, agentId, attempt, startTime } = task;
  const since = startTime === null ? '' : ` since ${at(startTime)}`;
  const has = `It is ${state}: agent ${agentId} has it${since}, attempt ${attempt}.`;
  const begun =
    state === 'PREEMPTING' ? events.findLast(({ type }) => type === 'PREEMPTION_BEGUN') : undefined;
  const forTask = begun?.detail.preempted_for;
  const back =
    typeof forTask === 'string' ? [`It is sent back for task ${forTask}, which a person waits for.`] : [];
  const routed = events.findLast(({ type }) => type === 'ROUTED');
  const why = selection ? [...returnedBefore(events), whyChosen(selection, events)] : [];
  if (selection?.strategy === 'PLAN_RETRIEVE' && routed?.reason) why.push(`Said by it: ${routed.reason}.`);
  return [has, ...back, ...why].join(' ');
}

function ended({ task, events, decisions }: Facts, selection: Selected | null): string {
  const { state, finishTime, attempt, agentId, reason, result } = task;
  const when = finishTime === null ? '' : ` at ${at(finishTime)}`;
  const by = events.findLast(({ seq }) => seq === task.seq)?.actorSubjectId;
  const why = reason === '' ? '' : `: ${reason}`;
  const whom = agentId === null ? '' : ` with agent ${agentId}`;
  const chosen = selection ? [...returnedBefore(events), whyChosen(selection, events)] : [];
  switch (state) {
    case 'SUCCEEDED':
      return [`It succeeded${when}${whom}, in attempt ${attempt}.`, ...chosen].join(' ');
    case 'FAILED':
    case 'DEAD_LETTER': {
      const error = result?.error ? ` The last error was ${result.error.kind}: ${result.error.message}.` : '';
      const spent = state === 'DEAD_LETTER' ? `, after ${count(attempt, 'attempt')}` : '';
      return [`It failed${when}${whom}${spent}${why}.${error}`, ...chosen].join(' ');
    }
    case 'CANCELLED':
      return `It was cancelled${when}${by ? ` by ${by}` : ''}${why}.`;
    case 'TIMED_OUT':
      return `Its deadline passed${when}${why}.`;
    case 'REJECTED':
      return `It was rejected${when}${rejectedBy(decisions, by ?? '')}${reason === APPROVAL_DUE ? '' : why}.`;
    default:
      return `It was skipped${when}${why}.`;
  }
}

function rejectedBy(decisions: readonly Decision[], person: string): string {
  const asked = decisions.findLast(({ kind }) => kind === 'APPROVAL');
  const policy = asked?.policyId ? `policy ${asked.policyId} in version ${asked.version}` : '';
  if (asked && (asked.output as { needs_human?: unknown } | null)?.needs_human === true) {
    return person === '' ? ', as nobody had decided in time' : ` by ${person}, whom ${policy} had asked`;
  }
  return policy === '' ? '' : ` by ${policy}`;
}
