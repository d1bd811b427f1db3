import type { PolicyInput, RecordedInput } from './policy-input.js';

/**
 * What a policy was told, as JSON texts that are made once, for who decides and for the trail: of a rule in CEL
 * what it names, and what those name that were asked along with it; of a remote one everything.
 */
export interface Question {
  readonly task: string;
  readonly org: string;
  /** `null`: it was told of none. */
  readonly candidates: string | null;
  /** Ms since the epoch. */
  readonly now: number;
}

/** All of an input. */
export function questionOf({ task, org, candidates, now }: PolicyInput): Question {
  return {
    task: JSON.stringify(task),
    org: JSON.stringify(org),
    candidates: candidates ? JSON.stringify(candidates) : null,
    now,
  };
}

/** An input that no rule was told of: without what concerns no task. */
export function untold({ task: { input: _, ...task }, now }: PolicyInput): Question {
  return { task: JSON.stringify(task), org: '{}', candidates: null, now };
}

/** As one text, of the shape of `RecordedInput`. */
export function questionText({ task, org, candidates, now }: Question): string {
  return `{"task":${task},"org":${org}${candidates === null ? '' : `,"candidates":${candidates}`},"now":${now}}`;
}

export function recordedInput(question: Question): RecordedInput {
  return JSON.parse(questionText(question));
}
