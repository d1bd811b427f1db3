import { createHash } from 'node:crypto';
import type {
  ExplainedBlocker,
  ExplainedCandidate,
  ExplainedPlace,
  ExplanationInfo,
  PolicyDecisionInfo,
} from '@reeve/sdk';
import { BID_VIEW } from './auction-view.js';
import { span } from './relative-time.js';
import { safeText } from './safe-text.js';
import { clip, details, table } from './table.js';
import { stateText, timeText } from './task-view.js';
import type { Scene, View } from './view.js';

export const EXPLANATION_VIEW: View<ExplanationInfo> = {
  id: ({ taskId }) => taskId,
  version: ({ stateVersion }) => stateVersion,
  columns: [
    { title: 'task', value: ({ taskId }) => taskId },
    { title: 'state', value: ({ state }) => state },
    { title: 'position', value: ({ place }) => place?.position },
    { title: 'ahead', value: ({ place }) => place?.ahead },
    { title: 'expectedDurationMs', value: ({ place }) => place?.expectedDurationMs },
    { title: 'expectedStart', value: ({ place }) => place?.start?.expected.toISOString() },
    { title: 'agent', value: ({ selection }) => selection?.agentId },
    { title: 'blockers', value: ({ blockers }) => blockers.length },
    { title: 'text', value: ({ text }) => text },
  ],
  details: (explanation, scene) => [
    ['Task', safeText(explanation.taskId)],
    ['State', stateText(explanation.state, scene)],
    ['Why', safeText(explanation.text)],
    ['Place', placeText(explanation)],
    ['Takes', takesText(explanation)],
    ['Starts', startText(explanation.place, scene)],
    ['Chosen', chosenText(explanation)],
  ],
};

const BLOCKER_VIEW: View<ExplainedBlocker> = {
  id: ({ text }) => text,
  version: ({ text }) => text,
  columns: [
    { title: 'what keeps it', value: ({ text }) => text, text: ({ text }) => clip(safeText(text), 90) },
    {
      title: 'ends once',
      value: ({ changeText }) => changeText,
      text: ({ changeText }) => clip(safeText(changeText), 70),
    },
    {
      title: 'then it',
      value: ({ effect }) => ('starts' in effect ? 'starts' : `is ${effect.state}`),
    },
  ],
};

const CANDIDATE_VIEW: View<ExplainedCandidate> = {
  id: ({ agentId }) => agentId,
  version: ({ agentId }) => agentId,
  columns: [
    { title: 'agent', value: ({ agentId }) => agentId },
    {
      title: 'may',
      value: ({ eligible, free }) => (!eligible ? 'no' : free ? 'yes, free' : 'yes'),
      text: ({ eligible, free }, { colors }) =>
        !eligible ? colors.red('no') : free ? colors.green('yes, free') : 'yes',
    },
    { title: 'figure', value: ({ cost }) => (cost === undefined ? undefined : Number(cost.toPrecision(4))) },
    { title: 'tasks', value: ({ inFlight, slots }) => (slots === 0 ? undefined : `${inFlight} of ${slots}`) },
    { title: 'health', value: ({ healthScore }) => Number(healthScore.toFixed(2)) },
    {
      title: 'why not',
      value: ({ reasons }) => reasons.join('; '),
      text: ({ reasons }) => clip(safeText(reasons.join('; ')), 90),
    },
  ],
};

const DECISION_VIEW: View<PolicyDecisionInfo> = {
  id: ({ policyId }) => policyId,
  version: ({ version }) => String(version),
  columns: [
    { title: 'decision', value: ({ kind }) => kind },
    { title: 'policy', value: ({ policyId }) => policyId || 'built in' },
    { title: 'version', value: ({ version }) => version },
    { title: 'input', value: digest },
    {
      title: 'output',
      value: outputText,
      text: (decision) => clip(safeText(outputText(decision)), 70),
    },
    { title: 'took', value: ({ tookMs }) => `${tookMs.toFixed(2)} ms` },
    { title: 'at', value: ({ decideTime }) => decideTime.toISOString() },
  ],
};

/** The whole for people: the sentences, then each list that has something. */
export function explanationPage(explanation: ExplanationInfo, scene: Scene): string {
  const { blockers, candidates, decisions, agentCount, auction } = explanation;
  const more = agentCount - candidates.length;
  const parts = [details(EXPLANATION_VIEW, explanation, scene)];
  if (blockers.length > 0) parts.push(table(BLOCKER_VIEW, blockers, scene, ''));
  if (candidates.length > 0) parts.push(table(CANDIDATE_VIEW, candidates, scene, ''));
  if (candidates.length > 0 && more > 0) parts.push(`${scene.colors.dim(`and ${more} more agents`)}\n`);
  if (auction) parts.push(table(BID_VIEW, auction.bids, scene, ''));
  if (auction && auction.more > 0) parts.push(`${scene.colors.dim(`and ${auction.more} more bids`)}\n`);
  if (decisions.length > 0) parts.push(table(DECISION_VIEW, decisions, scene, ''));
  return parts.join('\n');
}

/** Where nobody may get the task it says nothing. */
function placeText({ place, candidates }: ExplanationInfo): string {
  if (!place || !candidates.some(({ eligible }) => eligible)) return '';
  const { position, ahead, overtakenAtMostMs } = place;
  const late = overtakenAtMostMs > 0 ? `; later ones go first for ${span(overtakenAtMostMs)} at most` : '';
  return `number ${position}; ${ahead} before it for the same agents${late}`;
}

/** What is expected, and what that does to its place. */
function takesText({ place }: ExplanationInfo): string {
  if (place?.expectedDurationMs === undefined) return '';
  const { expectedDurationMs, durationTermMs } = place;
  const back = durationTermMs > 0 ? `, which puts its kind back by ${span(durationTermMs)}` : '';
  return `about ${span(expectedDurationMs)}${back}`;
}

function startText(place: ExplainedPlace | undefined, scene: Scene): string {
  if (!place?.start) return '';
  const { expected, earliest, latest } = place.start;
  if (latest.getTime() === earliest.getTime()) return timeText(expected, scene);
  return `about ${timeText(expected, scene)}; 8 of 10 between ${timeText(earliest, scene)} and ${timeText(latest, scene)}`;
}

function chosenText({ selection }: ExplanationInfo): string {
  if (!selection) return '';
  const { agentId, strategy, measure, cost, runnerUpAgentId, runnerUpCost, tie } = selection;
  const figures =
    measure === ''
      ? ''
      : `: ${measure} ${figure(cost)}${runnerUpAgentId === '' ? '' : `, ${safeText(runnerUpAgentId)} ${figure(runnerUpCost)}`}`;
  const decided = tie === '' ? '' : `, decided by ${tie}`;
  return `${safeText(agentId)}${strategy === '' ? '' : ` by ${safeText(strategy)}`}${figures}${decided}`;
}

function figure(n: number): string {
  return String(Number(n.toPrecision(4)));
}

/** Names an input, so that equal ones are seen to be; the whole is in `-o json`. */
function digest({ input }: PolicyDecisionInfo): string {
  return createHash('sha256').update(JSON.stringify(input)).digest('hex').slice(0, 12);
}

function outputText({ output, failure, message }: PolicyDecisionInfo): string {
  if (failure !== '') return `${failure}: ${message}`;
  return output === undefined ? '' : JSON.stringify(output);
}
