import { safeText } from './safe-text.js';
import { stateText } from './task-view.js';
import type { View } from './view.js';

/** A task that was just submitted. */
export interface Submitted {
  readonly taskId: string;
  readonly kind: string;
  readonly state: string;
  readonly alreadySubmitted: boolean;
  readonly notes: readonly string[];
  /** If it was waited for. */
  readonly agentId?: string;
}

export const SUBMITTED_VIEW: View<Submitted> = {
  id: (submitted) => submitted.taskId,
  version: (submitted) => submitted.state,
  columns: [
    { title: 'task', value: (submitted) => submitted.taskId },
    { title: 'kind', value: (submitted) => submitted.kind },
    { title: 'state', value: (submitted) => submitted.state },
    { title: 'already_submitted', value: (submitted) => submitted.alreadySubmitted },
  ],
  details: (submitted, scene) => [
    ['Task', safeText(submitted.taskId)],
    ['Kind', safeText(submitted.kind)],
    ['State', stateText(submitted.state, scene)],
    ['Agent', safeText(submitted.agentId ?? '')],
    ['Note', submitted.alreadySubmitted ? 'was submitted before' : ''],
  ],
};
