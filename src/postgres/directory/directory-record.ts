import type { DirectoryRecord } from '../../ports/directory-record.js';
import type { Database } from '../database.js';

/** The record of roles and subjects, in Postgres. */
export function createDirectoryRecord(_db: Database): DirectoryRecord {
  const later = () => Promise.reject(new Error('not built yet'));
  return {
    putRole: later,
    deleteRole: later,
    queryRoles: later,
    putSubject: later,
    deleteSubject: later,
    querySubjects: later,
    poolMembers: later,
  };
}
