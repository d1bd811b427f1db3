import { durationMs } from '@bufbuild/protobuf/wkt';
import type {
  Blocker,
  CandidateExplanation,
  Change,
  Effect,
  Explanation,
  QueuePlace,
  Selection,
} from '../gen/reeve/v1/task_explanation_pb.js';
import { type PolicyKind, policyKindName, type TaskState, taskStateName, tierName } from '../names.js';
import { dateOf, type Requirements, requirements } from '../views.js';
import { type AuctionInfo, auctionInfo } from './auctions.js';
import { type PolicyDecisionInfo, policyDecisionInfo } from './policy-decision.js';
import type { QueuePart } from './queue.js';

/** Something that can be done about what keeps a task from starting. */
export type ExplainedChange =
  /** An agent with room connects that meets this. */
  | {
      readonly change: 'addAgent';
      readonly requirements: Requirements;
      readonly roleIds: readonly string[];
      readonly jobSpaceId: string;
    }
  | { readonly change: 'activateAgent' | 'healAgent'; readonly agentId: string }
  /** One of these has room again. */
  | { readonly change: 'freeSlot'; readonly agentIds: readonly string[] }
  | { readonly change: 'resumeQueue'; readonly part: QueuePart }
  | { readonly change: 'approve' | 'chooseAgent' | 'unknown' }
  /** The role directory answers again; an empty address: the built-in one. */
  | { readonly change: 'directoryAnswers'; readonly address: string }
  /** There is this policy; an empty id: none is named, and the organisation's parameter is to be set. */
  | { readonly change: 'setPolicy'; readonly kind: PolicyKind; readonly policyId: string }
  /** A limit is set to this, or enough of what counts against it has ended. `key`: with the parameter `limits`. */
  | { readonly change: 'setLimit'; readonly parameter: string; readonly key: string; readonly value: number }
  /** `finishTasks`: these succeed. `aheadLeave`: so many of those that go first are given out or cancelled. */
  | {
      readonly change: 'finishTasks' | 'aheadLeave';
      /** At most 100. */
      readonly taskIds: readonly string[];
      readonly count: number;
    }
  | { readonly change: 'waitUntil'; readonly time: Date };

/** What keeps a task from starting, what would end that, and what that brings if all others are ended too. */
export interface ExplainedBlocker {
  readonly text: string;
  readonly change: ExplainedChange;
  /** The change in words that follow `once`. */
  readonly changeText: string;
  readonly effect: { readonly starts: true } | { readonly state: TaskState };
}

/** A task's place in the order. */
export interface ExplainedPlace {
  /** From 1. */
  readonly position: number;
  /** Of those that go first: tasks that the same agents serve. */
  readonly ahead: number;
  readonly score: number;
  /** By how long, at most, later tasks can go first because of a head start, in ms. */
  readonly overtakenAtMostMs: number;
  /** What its score is below the time it first was runnable, in ms; less than 0: it stands back by that. */
  readonly headStartMs: number;
  /** How long tasks of its kind are expected to take, in ms; unset: nothing is known. */
  readonly expectedDurationMs?: number;
  /** How much later in the order such a task goes because of that, if it is submitted now, in ms. */
  readonly durationTermMs: number;
  /** Unset: not known. Eight of ten start between `earliest` and `latest`. */
  readonly start?: { readonly expected: Date; readonly earliest: Date; readonly latest: Date };
}

/** Why an agent has a task. */
export interface ExplainedSelection {
  readonly agentId: string;
  /** A load-balancing strategy, AFFINITY, STATIC, PLAN_RETRIEVE, AUCTION or ADDRESSED; empty: not known. */
  readonly strategy: string;
  /** By which figure it compares; the lowest goes first. */
  readonly measure: string;
  readonly cost: number;
  /** Empty: nobody else was free. */
  readonly runnerUpAgentId: string;
  readonly runnerUpCost: number;
  /** LOAD, LAST_CHOSEN or ID, where both cost the same. */
  readonly tie: string;
  readonly free: number;
  readonly selectTime: Date;
}

/** An agent, and whether it may get the task. */
export interface ExplainedCandidate {
  readonly agentId: string;
  readonly eligible: boolean;
  readonly free: boolean;
  readonly reasons: readonly string[];
  readonly cost?: number;
  readonly inFlight: number;
  readonly slots: number;
  readonly healthScore: number;
}

/** Why a task is where it is. */
export interface ExplanationInfo {
  readonly taskId: string;
  readonly state: TaskState;
  readonly text: string;
  readonly blockers: readonly ExplainedBlocker[];
  readonly place?: ExplainedPlace;
  readonly selection?: ExplainedSelection;
  readonly candidates: readonly ExplainedCandidate[];
  readonly agentCount: number;
  readonly decisions: readonly PolicyDecisionInfo[];
  /** The last auction of it, if there was one. */
  readonly auction?: AuctionInfo;
  /** Names the state that this was made on. */
  readonly stateVersion: string;
  readonly createTime: Date;
}

export function explanationInfo(message: Explanation): ExplanationInfo {
  const { taskId, text, place, selection, agentCount, auction, stateVersion } = message;
  return {
    taskId,
    state: taskStateName(message.state),
    text,
    blockers: message.blockers.map(blockerOf),
    ...(place && { place: placeOf(place) }),
    ...(selection && { selection: selectionOf(selection) }),
    candidates: message.candidates.map(candidateOf),
    agentCount,
    decisions: message.decisions.map(policyDecisionInfo),
    ...(auction && { auction: auctionInfo(auction) }),
    stateVersion,
    createTime: dateOf(message.createTime),
  };
}

function blockerOf({ text, change, changeText, effect }: Blocker): ExplainedBlocker {
  return { text, change: changeOf(change), changeText, effect: effectOf(effect) };
}

function effectOf(message: Effect | undefined): ExplainedBlocker['effect'] {
  const effect = message?.effect;
  return effect?.case === 'state' ? { state: taskStateName(effect.value) } : { starts: true };
}

function changeOf(message: Change | undefined): ExplainedChange {
  const change = message?.change;
  switch (change?.case) {
    case 'addAgent': {
      const { roleIds, jobSpaceId } = change.value;
      const asked = requirements(change.value.requirements);
      return { change: 'addAgent', requirements: asked, roleIds: [...roleIds], jobSpaceId };
    }
    case 'activateAgentId':
      return { change: 'activateAgent', agentId: change.value };
    case 'healAgentId':
      return { change: 'healAgent', agentId: change.value };
    case 'freeSlot':
      return { change: 'freeSlot', agentIds: [...change.value.agentIds] };
    case 'resumeQueue': {
      const { tier, kind } = change.value;
      return {
        change: 'resumeQueue',
        part: { ...(tier && { tier: tierName(tier) }), ...(kind && { kind }) },
      };
    }
    case 'finishTasks':
    case 'aheadLeave':
      return { change: change.case, taskIds: [...change.value.taskIds], count: change.value.count };
    case 'setPolicy': {
      const { kind, policyId } = change.value;
      return { change: 'setPolicy', kind: policyKindName(kind), policyId };
    }
    case 'setLimit': {
      const { parameter, key, value } = change.value;
      return { change: 'setLimit', parameter, key, value };
    }
    case 'directoryAnswers':
      return { change: 'directoryAnswers', address: change.value };
    case 'waitUntil':
      return { change: 'waitUntil', time: dateOf(change.value) };
    case 'approve':
    case 'chooseAgent':
      return { change: change.case };
    default:
      return { change: 'unknown' };
  }
}

function placeOf(place: QueuePlace): ExplainedPlace {
  const { position, ahead, score, overtakenAtMost, headStart, expectedDuration, durationTerm } = place;
  const { expectedStart } = place;
  return {
    position,
    ahead,
    score: Number(score),
    overtakenAtMostMs: overtakenAtMost ? durationMs(overtakenAtMost) : 0,
    headStartMs: headStart ? durationMs(headStart) : 0,
    ...(expectedDuration && { expectedDurationMs: durationMs(expectedDuration) }),
    durationTermMs: durationTerm ? durationMs(durationTerm) : 0,
    ...(expectedStart && {
      start: {
        expected: dateOf(expectedStart),
        earliest: dateOf(place.earliestStart),
        latest: dateOf(place.latestStart),
      },
    }),
  };
}

function selectionOf(selection: Selection): ExplainedSelection {
  const { agentId, strategy, measure, cost, runnerUpAgentId, runnerUpCost, tie, free } = selection;
  const selectTime = dateOf(selection.selectTime);
  return { agentId, strategy, measure, cost, runnerUpAgentId, runnerUpCost, tie, free, selectTime };
}

function candidateOf(candidate: CandidateExplanation): ExplainedCandidate {
  const { agentId, eligible, free, reasons, cost, inFlight, slots, healthScore } = candidate;
  return {
    ...{ agentId, eligible, free, inFlight, slots, healthScore },
    reasons: [...reasons],
    ...(cost !== undefined && { cost }),
  };
}
