import { stateText } from './task-view.js';
import type { View } from './view.js';

/** A task that a filter has chosen. */
export interface Match {
  readonly taskId: string;
  readonly kind: string;
  readonly state: string;
}

export const MATCH_VIEW: View<Match> = {
  id: ({ taskId }) => taskId,
  version: ({ state }) => state,
  columns: [
    { title: 'task', value: ({ taskId }) => taskId },
    { title: 'kind', value: ({ kind }) => kind },
    { title: 'state', value: ({ state }) => state, text: ({ state }, scene) => stateText(state, scene) },
  ],
};
