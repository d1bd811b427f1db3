import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type BlockerSchema,
  type CandidateExplanationSchema,
  type ChangeSchema,
  type EffectSchema,
  type ExplanationSchema,
  PolicyKind,
  type QueuePlaceSchema,
  type SelectionSchema,
  TaskState,
} from '@reeve/sdk/protocol';
import type {
  Blocker,
  CandidateView,
  Change,
  Effect,
  Explanation,
  QueuePlace,
  Selected,
} from '../../domain/explain/explanation.js';
import { changeText } from '../../domain/explain/words.js';
import type { Task } from '../../domain/tasks/task.js';
import { toProtoDecision } from './decision.js';
import { toProtoPart } from './queue.js';
import { toProtoRequirements } from './requirements.js';
import { durationOf, timestampOf } from './time.js';

/** @param rulesVersion of what its organisation has set */
export function toProtoExplanation(
  task: Task,
  explanation: Explanation,
  rulesVersion: number,
  now: number,
): MessageInitShape<typeof ExplanationSchema> {
  const { text, blockers, place, selection, candidates, agentCount, decisions } = explanation;
  return {
    taskId: task.taskId,
    state: TaskState[task.state],
    text,
    blockers: blockers.map(toProtoBlocker),
    ...(place && { place: toProtoPlace(place) }),
    ...(selection && { selection: toProtoSelection(selection) }),
    candidates: candidates.map(toProtoCandidate),
    agentCount,
    decisions: decisions.map(toProtoDecision),
    stateVersion: `${task.seq}/${rulesVersion}`,
    createTime: timestampOf(now),
  };
}

function toProtoBlocker({ text, change, effect }: Blocker): MessageInitShape<typeof BlockerSchema> {
  const changeWords = changeText(change);
  return { text, change: toProtoChange(change), effect: toProtoEffect(effect), changeText: changeWords };
}

function toProtoEffect(effect: Effect): MessageInitShape<typeof EffectSchema> {
  if (effect.kind === 'STARTS') return { effect: { case: 'starts', value: true } };
  return { effect: { case: 'state', value: TaskState[effect.state] } };
}

function toProtoChange(change: Change): MessageInitShape<typeof ChangeSchema> {
  switch (change.kind) {
    case 'ADD_AGENT': {
      const { roleIds, jobSpaceId } = change;
      const requirements = toProtoRequirements({ ...change.requirements, prefer: null });
      return {
        change: { case: 'addAgent', value: { requirements, roleIds: [...roleIds], jobSpaceId } },
      };
    }
    case 'ACTIVATE_AGENT':
      return { change: { case: 'activateAgentId', value: change.agentId } };
    case 'HEAL_AGENT':
      return { change: { case: 'healAgentId', value: change.agentId } };
    case 'FREE_SLOT':
      return { change: { case: 'freeSlot', value: { agentIds: [...change.agentIds] } } };
    case 'RESUME_QUEUE':
      return { change: { case: 'resumeQueue', value: toProtoPart(change.part) } };
    case 'APPROVE':
      return { change: { case: 'approve', value: true } };
    case 'FINISH_TASKS':
      return { change: { case: 'finishTasks', value: listed(change) } };
    case 'WAIT_UNTIL':
      return { change: { case: 'waitUntil', value: timestampOf(change.time) } };
    case 'AHEAD_LEAVE':
      return { change: { case: 'aheadLeave', value: listed(change) } };
    case 'SET_POLICY': {
      const { policyKind, policyId } = change;
      return { change: { case: 'setPolicy', value: { kind: PolicyKind[policyKind], policyId } } };
    }
    case 'DIRECTORY_ANSWERS':
      return { change: { case: 'directoryAnswers', value: change.address } };
    case 'SET_LIMIT': {
      const { parameter, key, to } = change;
      return { change: { case: 'setLimit', value: { parameter, key, value: to } } };
    }
    case 'CHOOSE_AGENT':
      return { change: { case: 'chooseAgent', value: true } };
  }
}

function listed({ taskIds, count }: { readonly taskIds: readonly string[]; readonly count: number }) {
  return { taskIds: [...taskIds], count };
}

function toProtoPlace(place: QueuePlace): MessageInitShape<typeof QueuePlaceSchema> {
  const { position, ahead, score, overtakenAtMostMs, start } = place;
  return {
    position,
    ahead,
    score: BigInt(Math.round(score)),
    overtakenAtMost: durationOf(overtakenAtMostMs),
    ...(start && {
      expectedStart: timestampOf(start.expected),
      earliestStart: timestampOf(start.earliest),
      latestStart: timestampOf(start.latest),
    }),
  };
}

function toProtoSelection(selected: Selected): MessageInitShape<typeof SelectionSchema> {
  const { agentId, strategy, measure, cost, free, tie, time } = selected;
  return {
    ...{ agentId, strategy, measure, free },
    cost: cost ?? 0,
    runnerUpAgentId: selected.runner_up ?? '',
    runnerUpCost: selected.runner_up_cost ?? 0,
    selectTime: timestampOf(time),
    tie: tie ?? '',
  };
}

function toProtoCandidate(view: CandidateView): MessageInitShape<typeof CandidateExplanationSchema> {
  const { agentId, eligible, free, reasons, cost, inFlight, slots, health } = view;
  return {
    ...{ agentId, eligible, free, inFlight, slots },
    reasons: [...reasons],
    ...(cost !== null && { cost }),
    healthScore: health,
  };
}
