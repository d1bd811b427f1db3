import type { Role, Subject } from '../../domain/directory/directory.js';
import type { JsonObject } from '../../domain/json.js';
import { type DirectoryRecord, MAX_ROLES, MAX_SUBJECTS } from '../../ports/directory-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { findRows } from './find.js';
import { poolMembers } from './pool-members.js';

const PUT_ROLE = loadStatement('./put-role.sql', import.meta.url);
const DELETE_ROLE = loadStatement('./delete-role.sql', import.meta.url);
const PUT_SUBJECT = loadStatement('./put-subject.sql', import.meta.url);
const DELETE_SUBJECT = loadStatement('./delete-subject.sql', import.meta.url);

interface RoleRow {
  readonly role_id: string;
  readonly role_type: string;
  readonly job_space_id: string;
  readonly group_ids: readonly string[];
  readonly attributes: JsonObject;
  readonly description: string;
  readonly update_time: number;
}

interface SubjectRow {
  readonly subject_id: string;
  readonly subject_type: string;
  readonly role_ids: readonly string[];
  readonly group_ids: readonly string[];
  readonly attributes: JsonObject;
  readonly update_time: number;
}

/** The record of roles and subjects, in Postgres. */
export function createDirectoryRecord(db: Database): DirectoryRecord {
  return {
    async putRole(org, role) {
      const { roleId, roleType, jobSpaceId, groupIds, attributes, description } = role;
      const values = [org, roleId, roleType, jobSpaceId, groupIds, JSON.stringify(attributes), description];
      const [row] = await db.write<RoleRow>(PUT_ROLE, [...values, MAX_ROLES]);
      return row ? toRole(row) : null;
    },
    async deleteRole(org, roleId) {
      const [row] = await db.write<RoleRow>(DELETE_ROLE, [org, roleId]);
      return row ? toRole(row) : null;
    },
    queryRoles: async (query) => (await findRows<RoleRow>(db, 'role', query)).map(toRole),
    async putSubject(org, subject) {
      const { subjectId, subjectType, roleIds, groupIds, attributes } = subject;
      const values = [org, subjectId, subjectType, roleIds, groupIds, JSON.stringify(attributes)];
      const [row] = await db.write<SubjectRow>(PUT_SUBJECT, [...values, MAX_SUBJECTS]);
      return row ? toSubject(row) : null;
    },
    async deleteSubject(org, subjectId) {
      const [row] = await db.write<SubjectRow>(DELETE_SUBJECT, [org, subjectId]);
      return row ? toSubject(row) : null;
    },
    querySubjects: async (query) => (await findRows<SubjectRow>(db, 'subject', query)).map(toSubject),
    poolMembers: (org, pool) => poolMembers(db, org, pool),
  };
}

function toRole(row: RoleRow): Role {
  return {
    roleId: row.role_id,
    roleType: row.role_type,
    jobSpaceId: row.job_space_id,
    groupIds: row.group_ids,
    attributes: row.attributes,
    description: row.description,
    updateTime: row.update_time,
  };
}

function toSubject(row: SubjectRow): Subject {
  return {
    subjectId: row.subject_id,
    subjectType: row.subject_type,
    roleIds: row.role_ids,
    groupIds: row.group_ids,
    attributes: row.attributes,
    updateTime: row.update_time,
  };
}
