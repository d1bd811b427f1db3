import { formatDuration } from '../duration.js';
import { wordsOf } from './answer-fields.js';
import type { Decision } from './decision.js';
import type { OnPolicyError, PolicyKind } from './policy.js';
import { readApproval, readPlan, readPriority } from './read-answers.js';

/** What becomes of a task by what its policy answered, or did not, for people. */
export function effectOf(decision: Decision, onError: OnPolicyError): string {
  const { kind, output, failure, message } = decision;
  if (failure !== null) {
    return wordsOf(`${ON_FAILURE[kind][onError]}: the policy gave no answer (${failure}: ${message})`);
  }
  switch (kind) {
    case 'APPROVAL': {
      const answer = readApproval(output);
      const why = answer.reason === '' ? '' : `: ${answer.reason}`;
      if (answer.verdict !== 'NEEDS_HUMAN') return `it is ${answer.verdict.toLowerCase()}${why}`;
      const due = answer.dueMs === null ? 'approval_timeout' : formatDuration(answer.dueMs);
      return `it waits for a person, for ${due} at most${why}`;
    }
    case 'PRIORITY':
      return `its priority is ${readPriority(output).priority} of 1000`;
    case 'AUCTION_INPUT':
      return 'its auction gets these parameters';
    case 'PLAN_RETRIEVE':
      return planned(decision);
  }
}

function planned({ input, output }: Decision): string {
  const { headAgentSubjectId: id, reason } = readPlan(output);
  const why = reason === '' ? '' : `: ${reason}`;
  if (id === '') return `no agent is chosen, so it returns to selection${why}`;
  const isCandidate = (input.candidates ?? []).some(({ agent_id }) => agent_id === id);
  if (!isCandidate) return `agent ${id} is none of the candidates, so it returns to selection${why}`;
  return `agent ${id} gets it${why}`;
}

/** See `OnPolicyError` in policy.proto. */
const ON_FAILURE: Readonly<Record<PolicyKind, Readonly<Record<OnPolicyError, string>>>> = {
  APPROVAL: { REJECT: 'it is rejected', ACCEPT: 'it is accepted', DEFAULT: 'it is rejected' },
  PRIORITY: {
    REJECT: 'it is rejected',
    ACCEPT: 'it goes by the formula',
    DEFAULT: 'it goes by the formula',
  },
  AUCTION_INPUT: {
    REJECT: 'it is rejected',
    ACCEPT: 'its auction gets the usual parameters',
    DEFAULT: 'its auction gets the usual parameters',
  },
  PLAN_RETRIEVE: {
    REJECT: 'it is skipped',
    ACCEPT: 'it returns to selection',
    DEFAULT: 'it returns to selection',
  },
};
