import type { JsonObject } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { ConfigService } from '../gen/reeve/v1/config_service_pb.js';
import type { JobKind } from '../gen/reeve/v1/job_kind_pb.js';
import { ReeveError } from '../transport/errors.js';
import type { Call } from './call.js';
import { listPages } from './pages.js';

/** What tasks of a kind have to be like. */
export interface JobKindRequest {
  readonly kind: string;
  /** A JSON Schema (draft 2020-12 or 7) of the input, which then has to be JSON. */
  readonly inputSchema?: JsonObject;
  /** Fields that have to be set, of: goal, intent, job_space_id, submitter_subject_id, deadline, input, labels.NAME. */
  readonly requiredFields?: readonly string[];
  /** CEL over `task`, `org` and `now`, looked at right before an agent gets the task: a bool, or what is wrong. */
  readonly validate?: string;
  /** What such tasks are, for people. */
  readonly description?: string;
  /**
   * Whether LOW tasks of it may be sent back while they run, where a person waits for a slot: their agent is asked to
   * stop and may leave a checkpoint, and they run again later. Default false.
   */
  readonly preemptible?: boolean;
}

export interface JobKindInfo extends JobKindRequest {
  readonly requiredFields: readonly string[];
  readonly preemptible: boolean;
  /** Changes whenever it does; empty of what was only checked. */
  readonly etag: string;
  /** When it was put; unset of what was only checked. */
  readonly updateTime?: Date;
  /** The subject that put it. */
  readonly actor: string;
}

export interface JobKindPutOptions {
  /** As it was read; `*` for one that must not be there yet. ABORTED (ETAG_MISMATCH) if it is another now. */
  readonly etag?: string;
  /** Only check, and change nothing. Default false. */
  readonly validateOnly?: boolean;
}

/** What is said of kinds of jobs, as `client.jobKinds`. Every method throws `ReeveError`. */
export interface JobKindsClient {
  /** INVALID_ARGUMENT (JOB_KIND_INVALID) with the place of what is wrong. */
  put(jobKind: JobKindRequest, options?: JobKindPutOptions): Promise<JobKindInfo>;
  /** NOT_FOUND (JOB_KIND_NOT_FOUND). */
  get(kind: string): Promise<JobKindInfo>;
  /** By kind. `limit`: at most this many; 0 is all of them. Default 0. */
  list(query?: { readonly limit?: number }): AsyncIterable<JobKindInfo>;
  /** Answers what was said of it; NOT_FOUND (JOB_KIND_NOT_FOUND). */
  delete(kind: string, options?: Pick<JobKindPutOptions, 'etag'>): Promise<JobKindInfo>;
}

const { method } = ConfigService;

export function createJobKindsClient(call: Call): JobKindsClient {
  return {
    async put({ requiredFields = [], ...jobKind }, { etag = '', validateOnly = false } = {}) {
      const request = { jobKind: { ...jobKind, requiredFields: [...requiredFields] }, etag, validateOnly };
      return jobKindInfo((await call(method.putJobKind, request)).jobKind);
    },
    get: async (kind) => jobKindInfo((await call(method.getJobKind, { kind })).jobKind),
    list: ({ limit } = {}) =>
      listPages(limit, async (page) => {
        const { jobKinds, nextPageToken } = await call(method.listJobKinds, page);
        return { items: jobKinds.map(jobKindInfo), nextPageToken };
      }),
    async delete(kind, { etag = '' } = {}) {
      return jobKindInfo((await call(method.deleteJobKind, { kind, etag })).jobKind);
    },
  };
}

function jobKindInfo(jobKind: JobKind | undefined): JobKindInfo {
  if (!jobKind) {
    throw new ReeveError('the coordinator answered without the kind of job', { code: 'INTERNAL' });
  }
  const { kind, inputSchema, requiredFields, validate, description, preemptible, etag, updateTime } = jobKind;
  return {
    ...{ kind, requiredFields, preemptible, etag, actor: jobKind.actorSubjectId },
    ...(inputSchema && { inputSchema }),
    ...(validate && { validate }),
    ...(description && { description }),
    ...(updateTime && { updateTime: timestampDate(updateTime) }),
  };
}
