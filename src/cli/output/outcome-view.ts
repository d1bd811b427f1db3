import { safeText } from './safe-text.js';
import { stateText } from './task-view.js';
import type { View } from './view.js';

/** What became of one task of a command that takes several. */
export interface Outcome {
  readonly taskId: string;
  readonly ok: boolean;
  /** After it, as far as it is known. */
  readonly state?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly retryable: boolean };
}

export const OUTCOME_VIEW: View<Outcome> = {
  id: (outcome) => outcome.taskId,
  version: (outcome) => `${outcome.ok} ${outcome.state}`,
  columns: [
    { title: 'task', value: (outcome) => outcome.taskId },
    {
      title: 'outcome',
      value: word,
      text: (outcome, { colors }) => {
        return outcome.ok ? colors.green(word(outcome)) : colors.red(word(outcome));
      },
    },
    {
      title: 'state',
      value: (outcome) => outcome.state,
      text: (outcome, scene) => (outcome.state ? stateText(outcome.state, scene) : ''),
    },
    {
      title: 'error',
      value: (outcome) => outcome.error?.message,
      text: (outcome) => safeText(outcome.error?.message ?? ''),
    },
  ],
};

function word({ ok }: Outcome): string {
  return ok ? 'ok' : 'failed';
}
