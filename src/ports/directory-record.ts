import type { Role, Subject } from '../domain/directory/directory.js';
import type { PoolQuery } from '../domain/directory/pool.js';
import type { JsonObject } from '../domain/json.js';

/** A page of what matches, by id after `afterId`. */
export interface DirectoryQuery {
  readonly org: string;
  /** A filter that was checked; `null`: all. */
  readonly filter: JsonObject | null;
  readonly afterId: string;
  readonly limit: number;
}

/** Roles and subjects that one organisation may have. */
export const MAX_ROLES = 10_000;
export const MAX_SUBJECTS = 200_000;

/** The record of roles and subjects. Every change raises the organisation's version in its transaction. */
export interface DirectoryRecord {
  /** `null`: the organisation may have no more. */
  putRole(org: string, role: Omit<Role, 'updateTime'>): Promise<Role | null>;
  deleteRole(org: string, roleId: string): Promise<Role | null>;
  queryRoles(query: DirectoryQuery): Promise<readonly Role[]>;
  putSubject(org: string, subject: Omit<Subject, 'updateTime'>): Promise<Subject | null>;
  deleteSubject(org: string, subjectId: string): Promise<Subject | null>;
  querySubjects(query: DirectoryQuery): Promise<readonly Subject[]>;
  /** The ids of a pool's subjects. */
  poolMembers(org: string, pool: PoolQuery): Promise<readonly string[]>;
}
