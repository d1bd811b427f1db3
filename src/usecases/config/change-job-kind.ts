import type { Principal } from '../../domain/access/principal.js';
import { type FieldViolation, ReeveError } from '../../domain/errors.js';
import type { JobKind } from '../../domain/jobs/job-kind.js';
import { requiredFieldProblem } from '../../domain/jobs/required-fields.js';
import { sizeProblem } from '../../domain/json-size.js';
import {
  type ConfigRecord,
  MAX_JOB_KIND_LENGTH,
  MAX_JOB_KINDS,
  type Put,
} from '../../ports/config-record.js';
import type { Ports } from '../ports.js';
import { throwIfAny, violationsOf } from './located.js';

/** Bytes of a schema as JSON, and how deep it may be. */
const SCHEMA_SIZE = { maxBytes: 64 * 1024, maxDepth: 64 };

export interface JobKindChange {
  /** What has to be there: a version, 0 for nothing, `null` for whatever it is. */
  readonly expected: number | null;
}

/** Says what tasks of a kind have to be like. */
export interface JobKindChanges {
  /**
   * Answers it as it is, or with `validateOnly` as it would be, with version 0.
   *
   * @throws INVALID_ARGUMENT (JOB_KIND_INVALID), with line and column in expressions; ABORTED (ETAG_MISMATCH);
   *   RESOURCE_EXHAUSTED (TOO_MANY_JOB_KINDS)
   */
  put(
    principal: Principal,
    change: JobKindChange & {
      readonly jobKind: Omit<JobKind, 'org' | 'actor' | 'version' | 'updateTime'>;
      readonly validateOnly: boolean;
    },
  ): Promise<JobKind>;
  /**
   * Answers it as it was.
   *
   * @throws NOT_FOUND (JOB_KIND_NOT_FOUND); ABORTED (ETAG_MISMATCH)
   */
  delete(principal: Principal, change: JobKindChange & { readonly kind: string }): Promise<JobKind>;
}

export function createJobKindChanges({
  ports,
  config,
}: {
  readonly ports: Pick<Ports, 'policies' | 'clock'>;
  readonly config: ConfigRecord;
}): JobKindChanges {
  async function problemsOf(
    jobKind: Pick<JobKind, 'inputSchema' | 'requiredFields' | 'validate'>,
  ): Promise<FieldViolation[]> {
    const { inputSchema, requiredFields, validate } = jobKind;
    const violations = requiredFields.flatMap((name, i): FieldViolation[] => {
      const problem = requiredFieldProblem(name);
      return problem === null ? [] : [{ field: `job_kind.required_fields[${i}]`, description: problem }];
    });
    if (inputSchema) {
      const field = 'job_kind.input_schema';
      const size = sizeProblem(inputSchema, SCHEMA_SIZE);
      if (size !== null) violations.push({ field, description: size });
      else violations.push(...violationsOf(field, await ports.policies.checkSchema(inputSchema)));
    }
    if (validate !== '') {
      const problems = await ports.policies.checkExpression('VALIDATE', validate);
      violations.push(...violationsOf('job_kind.validate', problems));
    }
    return violations;
  }

  return {
    async put({ org, subject: actor }, { jobKind, expected, validateOnly }) {
      throwIfAny(await problemsOf(jobKind), 'JOB_KIND_INVALID');
      const { kind } = jobKind;
      if (!validateOnly) {
        const put = await config.putJobKind({ org, expected, actor, jobKind: { ...jobKind, org, actor } });
        return putOrThrow(put, org, kind);
      }
      const current = (await config.listJobKinds(org)).find((known) => known.kind === kind) ?? null;
      if (expected !== null && expected !== (current?.version ?? 0)) throw changedSince(org, kind, current);
      return { ...jobKind, org, actor, version: 0, updateTime: ports.clock.now() };
    },

    async delete({ org, subject: actor }, { kind, expected }) {
      const put = await config.deleteJobKind({ org, kind, expected, actor });
      if (!put) throw jobKindNotFound(org, kind);
      return putOrThrow(put, org, kind);
    },
  };
}

export function jobKindNotFound(org: string, kind: string): ReeveError {
  const message = `nothing is said of jobs of kind ${kind} in organisation ${org}`;
  return new ReeveError('NOT_FOUND', 'JOB_KIND_NOT_FOUND', message, { metadata: { kind, org } });
}

function putOrThrow(put: Put<JobKind>, org: string, kind: string): JobKind {
  if (put.kind === 'OK') return put.value;
  if (put.kind === 'CHANGED_SINCE') throw changedSince(org, kind, put.found);
  const message = `organisation ${org} has said as much of kinds of jobs as it may: of ${MAX_JOB_KINDS}, with ${MAX_JOB_KIND_LENGTH} characters in all`;
  throw new ReeveError('RESOURCE_EXHAUSTED', 'TOO_MANY_JOB_KINDS', message, { metadata: { kind, org } });
}

function changedSince(org: string, kind: string, found: JobKind | null): ReeveError {
  const now = found ? `its etag is ${found.version} now` : 'nothing is said of it';
  const message = `the kind of job ${kind} of organisation ${org} is not as it was read: ${now}`;
  const etag = found ? { etag: String(found.version) } : {};
  return new ReeveError('ABORTED', 'ETAG_MISMATCH', message, { metadata: { kind, org, ...etag } });
}
