import type { PolicyInfo, PolicyTraceStep, PolicyTrial } from '@reeve/sdk';
import { relativeTime, span } from './relative-time.js';
import { safeLines, safeText } from './safe-text.js';
import { clip } from './table.js';
import { timeText } from './task-view.js';
import type { View } from './view.js';

export const POLICY_VIEW: View<PolicyInfo> = {
  id: ({ policyId }) => policyId,
  version: ({ version, deleted }) => `${version} ${deleted}`,
  columns: [
    { title: 'policy', value: ({ policyId }) => policyId },
    { title: 'kind', value: ({ kind }) => kind },
    { title: 'version', value: ({ version }) => version },
    { title: 'onError', value: ({ onError }) => onError },
    { title: 'rule', value: ruleText, text: (policy) => clip(safeText(ruleText(policy)), 50) },
    { title: 'deleted', value: ({ deleted }) => deleted, text: ({ deleted }) => (deleted ? 'deleted' : '') },
    { title: 'actor', value: ({ actor }) => actor },
    {
      title: 'created',
      value: ({ createTime }) => createTime.toISOString(),
      text: ({ createTime }, scene) => relativeTime(createTime, scene.now),
    },
  ],
  details: (policy, scene) => [
    ['Policy', safeText(policy.policyId)],
    ['Kind', policy.kind],
    ['Version', `${policy.version}${policy.deleted ? ', says that it is deleted' : ''}`],
    ['On error', policy.onError],
    ['Deadline', policy.deadlineMs === undefined ? '' : span(policy.deadlineMs)],
    ['Description', safeLines(policy.description)],
    ['Actor', safeText(policy.actor)],
    ['Created', timeText(policy.createTime, scene)],
    ['Rule', safeLines(ruleText(policy))],
  ],
};

export const TRIAL_VIEW: View<PolicyTrial> = {
  id: ({ decision }) => decision.policyId,
  version: ({ effect }) => effect,
  columns: [
    { title: 'policy', value: ({ decision }) => decision.policyId },
    { title: 'version', value: ({ decision }) => decision.version },
    { title: 'output', value: outputText },
    { title: 'failure', value: ({ decision }) => decision.failure },
    { title: 'effect', value: ({ effect }) => effect },
    { title: 'tookMs', value: ({ decision }) => decision.tookMs },
  ],
  details: (trial) => [
    ['Answer', safeText(outputText(trial))],
    ['Failure', safeText(trial.decision.failure)],
    ['Message', safeLines(trial.decision.message)],
    ['Effect', safeLines(trial.effect)],
    ['Took', `${trial.decision.tookMs.toFixed(2)} ms`],
    ['Parts', trial.trace.map(stepText).join('\n')],
  ],
};

function ruleText({ cel, remote }: PolicyInfo): string {
  return remote ? `${remote.address}${remote.plaintext ? ', without TLS' : ''}` : (cel ?? '').trim();
}

function outputText({ decision }: PolicyTrial): string {
  return decision.output === undefined ? '' : JSON.stringify(decision.output);
}

function stepText({ expression, value, error }: PolicyTraceStep): string {
  const came = error === '' ? JSON.stringify(value ?? null) : error;
  return `${clip(safeText(expression), 60)}  =  ${clip(safeText(came), 60)}`;
}
