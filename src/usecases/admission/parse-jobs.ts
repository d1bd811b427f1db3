import { type FieldViolation, invalidArgument, type ReeveError } from '../../domain/errors.js';
import type { JobKind } from '../../domain/jobs/job-kind.js';
import type { TaskSpec } from '../../domain/tasks/task.js';
import type { OrgSnapshot } from '../../ports/org-rules.js';
import type { SchemaCall } from '../../ports/policy-engine.js';
import type { Ports, SpecReader } from '../ports.js';
import type { Applicant } from './applicant.js';
import type { InputOf } from './input-of.js';

export const JOB_INVALID = 'JOB_INVALID';

/**
 * Checks tasks against what their kinds have to be like: fields that have to be set, and the schema of the
 * input, all of a batch in one call. One error a task that breaks them, by its place.
 */
export async function parseJobs(
  { policies, specs }: Pick<Ports, 'policies' | 'specs'>,
  { org, jobKinds }: OrgSnapshot,
  applicants: readonly Applicant[],
  inputOf: InputOf,
): Promise<ReadonlyMap<number, ReeveError>> {
  const violations = new Map<number, FieldViolation[]>();
  if (jobKinds.size === 0) return new Map();
  const calls = new Map<
    JobKind,
    { readonly at: number[]; readonly inputs: SchemaCall['inputs'][number][] }
  >();
  applicants.forEach((applicant, i) => {
    const kind = jobKinds.get(applicant.spec.kind);
    if (!kind) return;
    const missing = missingFields(kind, applicant.spec, specs);
    if (missing.length > 0) violations.set(i, missing);
    if (!kind.inputSchema) return;
    const call = calls.get(kind) ?? { at: [], inputs: [] };
    calls.set(kind, call);
    call.at.push(i);
    call.inputs.push(inputOf(applicant));
  });
  const asked = [...calls];
  const answers =
    asked.length === 0
      ? []
      : await policies.validate(asked.map(([kind, { inputs }]) => schemaCall(org, kind, inputs)));
  asked.forEach(([{ kind }, { at }], c) => {
    at.forEach((i, n) => {
      const answer = answers[c]?.[n] ?? { failure: 'ERROR' };
      const found = violations.get(i) ?? [];
      if ('failure' in answer) {
        const description = `could not be checked against the schema of ${kind}: ${answer.failure}`;
        found.push({ field: 'task.input', description });
      } else {
        found.push(
          ...answer.map(({ path, message }) => ({ field: `task.input${path}`, description: message })),
        );
      }
      if (found.length > 0) violations.set(i, found);
    });
  });
  return new Map([...violations].map(([i, found]) => [i, invalidArgument(found, JOB_INVALID)]));
}

function schemaCall(
  org: string,
  { kind, version, inputSchema }: JobKind,
  inputs: SchemaCall['inputs'],
): SchemaCall {
  return { org, kind, version, schema: inputSchema ?? {}, inputs };
}

/** One violation a field that has to be set and is not. */
export function missingFields(
  { kind, requiredFields }: JobKind,
  spec: TaskSpec,
  specs: SpecReader,
): FieldViolation[] {
  return requiredFields
    .filter((field) => !isSet(field, spec, specs))
    .map((field) => ({ field: `task.${field}`, description: `must be set for tasks of the kind ${kind}` }));
}

const LABEL = 'labels.';

function isSet(field: string, spec: TaskSpec, specs: SpecReader): boolean {
  if (field.startsWith(LABEL)) return Object.hasOwn(spec.labels, field.slice(LABEL.length));
  switch (field) {
    case 'goal':
      return spec.goal !== '';
    case 'intent':
      return spec.intent !== '';
    case 'job_space_id':
      return spec.jobSpaceId !== '';
    case 'submitter_subject_id':
      return spec.submitterSubjectId !== '';
    case 'deadline':
      return spec.deadline !== null;
    case 'input':
      return specs.hasInput(spec.body);
    default:
      // A name that was let in by a newer coordinator: this one cannot look at it.
      return true;
  }
}
