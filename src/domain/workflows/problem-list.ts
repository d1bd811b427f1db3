import type { Problem } from './plan.js';

/** Problems that are told; who has more has enough to do. */
export const MOST_PROBLEMS = 100;

export interface ProblemList {
  readonly problems: readonly Problem[];
  add(field: string, reason: string, description: string): void;
}

export function createProblemList(): ProblemList {
  const problems: Problem[] = [];
  return {
    problems,
    add(field, reason, description) {
      if (problems.length < MOST_PROBLEMS) problems.push({ field, reason, description });
    },
  };
}
