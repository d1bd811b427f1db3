import type { JsonValue } from '../../domain/json.js';
import type { SpecReader } from '../ports.js';
import type { Applicant } from './applicant.js';

/** The input of a task; `null` if there is none, or it is not JSON. */
export type InputOf = (applicant: Applicant) => JsonValue;

/** Reads each input when it is first asked for, and once. */
export function readInputs(specs: Pick<SpecReader, 'inputOf'>): InputOf {
  const known = new Map<Applicant, JsonValue>();
  return (applicant) => {
    const before = known.get(applicant);
    if (before !== undefined) return before;
    const input = specs.inputOf(applicant.spec.body);
    known.set(applicant, input);
    return input;
  };
}
