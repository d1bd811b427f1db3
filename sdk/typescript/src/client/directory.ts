import type { JsonObject } from '@bufbuild/protobuf';
import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt';
import { ConfigService } from '../gen/reeve/v1/config_service_pb.js';
import type { Role, Subject } from '../gen/reeve/v1/directory_pb.js';
import { ReeveError } from '../transport/errors.js';
import type { Call } from './call.js';
import { listPages } from './pages.js';

/** What a role is to be: all of it, for what is left out is as its default. */
export interface RoleSpec {
  readonly roleId: string;
  /** What sort of role it is, for example `reviewer`. */
  readonly roleType?: string;
  /** The job space in which it counts. Default: in all. */
  readonly jobSpaceId?: string;
  /** Groups of subjects that hold it besides those that name it. */
  readonly groupIds?: readonly string[];
  /** Free keys and JSON values to find it by; at most 16 KiB. */
  readonly attributes?: JsonObject;
  readonly description?: string;
}

export interface RoleInfo extends Required<RoleSpec> {
  /** When it was put; unset if its directory does not say. */
  readonly updateTime?: Date;
}

/** What a subject is to be: all of it, for what is left out is as its default. */
export interface SubjectSpec {
  /** An agent's is its agent id. */
  readonly subjectId: string;
  /** `agent`, `person`, `service`, or a word of your own. */
  readonly subjectType?: string;
  /** Roles that it holds itself. */
  readonly roleIds?: readonly string[];
  /** Groups that it belongs to. */
  readonly groupIds?: readonly string[];
  /** Free keys and JSON values to find it by; at most 16 KiB. */
  readonly attributes?: JsonObject;
}

export interface SubjectInfo extends Required<SubjectSpec> {
  /** When it was put; unset if its directory does not say. */
  readonly updateTime?: Date;
}

export interface PutOptions {
  /** Only check; nothing is changed. Default false. */
  readonly validateOnly?: boolean;
}

export interface DirectoryQuery {
  /**
   * A filter in the manner of MongoDB: fields, those of attributes as `attributes.NAME`, with a value, `$eq`,
   * `$ne`, `$in`, `$nin`, `$exists`; `$and` and `$or`. Default: all.
   */
  readonly filter?: JsonObject;
  /** At most this many; 0 is all of them. Default 0. */
  readonly limit?: number;
}

/** Roles, as `client.roles`. Every method throws `ReeveError`. */
export interface RolesClient {
  /** Makes it, or changes it. FAILED_PRECONDITION (DIRECTORY_IS_REMOTE) if roles are kept elsewhere. */
  put(role: RoleSpec, options?: PutOptions): Promise<RoleInfo>;
  /** What it was. NOT_FOUND (ROLE_NOT_FOUND). Subjects that name it lose it. */
  delete(roleId: string): Promise<RoleInfo>;
  /** By id, from the directory that the organisation uses. */
  query(query?: DirectoryQuery): AsyncIterable<RoleInfo>;
}

/** Subjects, as `client.subjects`. Every method throws `ReeveError`. */
export interface SubjectsClient {
  /** Makes it, or changes it. FAILED_PRECONDITION (DIRECTORY_IS_REMOTE) if subjects are kept elsewhere. */
  put(subject: SubjectSpec, options?: PutOptions): Promise<SubjectInfo>;
  /** What it was. NOT_FOUND (SUBJECT_NOT_FOUND). */
  delete(subjectId: string): Promise<SubjectInfo>;
  /** By id, from the directory that the organisation uses. */
  query(query?: DirectoryQuery): AsyncIterable<SubjectInfo>;
}

const { method } = ConfigService;

export function createRolesClient(call: Call): RolesClient {
  return {
    async put({ groupIds = [], ...role }, { validateOnly = false } = {}) {
      const request = { role: { ...role, groupIds: [...groupIds] }, validateOnly };
      return roleInfo((await call(method.putRole, request)).role);
    },
    delete: async (roleId) => roleInfo((await call(method.deleteRole, { roleId })).role),
    query: ({ filter, limit } = {}) =>
      listPages(limit, async (page) => {
        const answer = await call(method.queryRoles, { ...page, ...(filter && { filter }) });
        return { items: answer.roles.map(roleInfo), nextPageToken: answer.nextPageToken };
      }),
  };
}

export function createSubjectsClient(call: Call): SubjectsClient {
  return {
    async put({ roleIds = [], groupIds = [], ...subject }, { validateOnly = false } = {}) {
      const lists = { roleIds: [...roleIds], groupIds: [...groupIds] };
      const request = { subject: { ...subject, ...lists }, validateOnly };
      return subjectInfo((await call(method.putSubject, request)).subject);
    },
    delete: async (subjectId) => subjectInfo((await call(method.deleteSubject, { subjectId })).subject),
    query: ({ filter, limit } = {}) =>
      listPages(limit, async (page) => {
        const answer = await call(method.querySubjects, { ...page, ...(filter && { filter }) });
        return { items: answer.subjects.map(subjectInfo), nextPageToken: answer.nextPageToken };
      }),
  };
}

function roleInfo(role: Role | undefined): RoleInfo {
  if (!role) throw new ReeveError('the coordinator answered without the role', { code: 'INTERNAL' });
  const { roleId, roleType, jobSpaceId, groupIds, attributes = {}, description, updateTime } = role;
  return { roleId, roleType, jobSpaceId, groupIds, attributes, description, ...updated(updateTime) };
}

function subjectInfo(subject: Subject | undefined): SubjectInfo {
  if (!subject) throw new ReeveError('the coordinator answered without the subject', { code: 'INTERNAL' });
  const { subjectId, subjectType, roleIds, groupIds, attributes = {}, updateTime } = subject;
  return { subjectId, subjectType, roleIds, groupIds, attributes, ...updated(updateTime) };
}

function updated(updateTime: Timestamp | undefined) {
  return updateTime ? { updateTime: timestampDate(updateTime) } : {};
}
