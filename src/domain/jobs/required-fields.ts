import { nearest } from '../nearest.js';

/** Fields of a task that a kind of job can require, besides `labels.NAME`. */
export const REQUIRABLE_FIELDS = [
  'goal',
  'intent',
  'job_space_id',
  'submitter_subject_id',
  'deadline',
  'input',
] as const;

const LABEL = /^labels\.(.+)$/;

/** What is wrong with a field that is to be required: completes a sentence that begins with it. */
export function requiredFieldProblem(field: string): string | null {
  if (LABEL.test(field) || REQUIRABLE_FIELDS.some((known) => known === field)) return null;
  const meant = nearest(field, REQUIRABLE_FIELDS);
  const help = meant === undefined ? '' : ` (did you mean ${meant}?)`;
  return `is no field that can be required${help}: those are ${REQUIRABLE_FIELDS.join(', ')} and labels.NAME`;
}
