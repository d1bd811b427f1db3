import { ReeveError } from '../domain/errors.js';
import type { Directories, Directory, OpenRemoteDirectory, Page } from '../ports/directories.js';
import type { DirectoryRecord } from '../ports/directory-record.js';
import type { OrgRules } from '../ports/org-rules.js';

export interface DirectoriesOptions {
  readonly record: DirectoryRecord;
  readonly orgRules: OrgRules;
  readonly openRemote: OpenRemoteDirectory;
}

/** However short the answers of a service are to count: pools are read again and again by themselves. */
const MIN_CACHE_MS = 1_000;

/** The record's own roles and subjects, or the service that an organisation has named. */
export function createDirectories({ record, orgRules, openRemote }: DirectoriesOptions): Directories {
  return {
    async of(org) {
      const { config } = await orgRules.of(org);
      if (config.roleDirectory === 'BUILT_IN') return builtIn(record, org);
      const { roleDirectoryAddress: address, roleDirectoryPlaintext: plaintext } = config;
      if (address === null) {
        throw new ReeveError(
          'FAILED_PRECONDITION',
          'DIRECTORY_UNAVAILABLE',
          'role_directory is remote, and role_directory_address is not set',
        );
      }
      return openRemote({
        org,
        address,
        plaintext,
        cacheMs: Math.max(MIN_CACHE_MS, config.roleDirectoryCacheMs),
      });
    },
  };
}

function builtIn(record: DirectoryRecord, org: string): Directory {
  return {
    name: 'built-in',
    cacheMs: null,
    async queryRoles({ filter, cursor, limit }) {
      const items = await record.queryRoles({ org, filter, afterId: cursor, limit });
      return pageOf(items, limit, (role) => role.roleId);
    },
    async querySubjects({ filter, cursor, limit }) {
      const items = await record.querySubjects({ org, filter, afterId: cursor, limit });
      return pageOf(items, limit, (subject) => subject.subjectId);
    },
    poolMembers: async (pool) => new Set(await record.poolMembers(org, pool)),
  };
}

function pageOf<T>(items: readonly T[], limit: number, idOf: (item: T) => string): Page<T> {
  const last = items.at(-1);
  return { items, nextCursor: last !== undefined && items.length === limit ? idOf(last) : '' };
}
