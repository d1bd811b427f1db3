import type { ConfigService } from '@reeve/sdk/protocol';
import { ReeveError } from '../../domain/errors.js';
import type { Directory, Page, PageQuery } from '../../ports/directories.js';
import { MAX_ROLES, MAX_SUBJECTS } from '../../ports/directory-record.js';
import type { Handlers } from '../call.js';
import {
  toDomainFilter,
  toDomainRole,
  toDomainSubject,
  toProtoRole,
  toProtoSubject,
} from '../mapping/directory.js';
import { CURSORS, cursorOf, pageTokenOf } from '../page-token.js';
import type { Context } from './context.js';

type Names = 'putRole' | 'deleteRole' | 'queryRoles' | 'putSubject' | 'deleteSubject' | 'querySubjects';

const DEFAULT_PAGE = 100;

export function directoryHandlers({
  ports,
  directory: record,
  directories,
}: Context): Pick<Handlers<typeof ConfigService>, Names> {
  /** What is kept elsewhere is not changed here. */
  async function requireBuiltIn(org: string): Promise<void> {
    const { config } = await ports.orgRules.of(org);
    if (config.roleDirectory === 'BUILT_IN') return;
    const address = config.roleDirectoryAddress ?? '';
    throw new ReeveError(
      'FAILED_PRECONDITION',
      'DIRECTORY_IS_REMOTE',
      `roles and subjects of ${org} are kept by ${address || 'a service of its own'} (parameter role_directory)`,
      { metadata: { org, address } },
    );
  }

  /** A page, with a token that goes only with the same question to the same directory. */
  async function pageOf<T>(
    org: string,
    question: readonly unknown[],
    { pageSize, pageToken }: { readonly pageSize: number; readonly pageToken: string },
    read: (directory: Directory, page: Omit<PageQuery, 'filter'>) => Promise<Page<T>>,
  ) {
    const directory = await directories.of(org);
    const asked = [...question, org, directory.name];
    const cursor = cursorOf(asked, pageToken, CURSORS.TEXT) ?? '';
    const { items, nextCursor } = await read(directory, { cursor, limit: pageSize || DEFAULT_PAGE });
    return { items, nextPageToken: nextCursor === '' ? '' : pageTokenOf(asked, nextCursor) };
  }

  return {
    async putRole({ org }, { role, validateOnly }) {
      const wanted = toDomainRole(role ?? missing('role'));
      await requireBuiltIn(org);
      if (validateOnly) return { role: toProtoRole({ ...wanted, updateTime: 0 }) };
      const put = await record.putRole(org, wanted);
      if (!put) throw tooMany('roles', MAX_ROLES);
      return { role: toProtoRole(put) };
    },

    async deleteRole({ org }, { roleId }) {
      await requireBuiltIn(org);
      const gone = await record.deleteRole(org, roleId);
      if (!gone) throw notThere('role', roleId);
      return { role: toProtoRole(gone) };
    },

    async queryRoles({ org }, request) {
      const filter = toDomainFilter(request.filter, 'role');
      const { items, nextPageToken } = await pageOf(org, ['QueryRoles', filter], request, (directory, page) =>
        directory.queryRoles({ filter, ...page }),
      );
      return { roles: items.map(toProtoRole), nextPageToken };
    },

    async putSubject({ org }, { subject, validateOnly }) {
      const wanted = toDomainSubject(subject ?? missing('subject'));
      await requireBuiltIn(org);
      if (validateOnly) return { subject: toProtoSubject({ ...wanted, updateTime: 0 }) };
      const put = await record.putSubject(org, wanted);
      if (!put) throw tooMany('subjects', MAX_SUBJECTS);
      return { subject: toProtoSubject(put) };
    },

    async deleteSubject({ org }, { subjectId }) {
      await requireBuiltIn(org);
      const gone = await record.deleteSubject(org, subjectId);
      if (!gone) throw notThere('subject', subjectId);
      return { subject: toProtoSubject(gone) };
    },

    async querySubjects({ org }, request) {
      const filter = toDomainFilter(request.filter, 'subject');
      const question = ['QuerySubjects', filter];
      const { items, nextPageToken } = await pageOf(org, question, request, (directory, page) =>
        directory.querySubjects({ filter, ...page }),
      );
      return { subjects: items.map(toProtoSubject), nextPageToken };
    },
  };
}

/** The checker has refused it before. */
function missing(field: string): never {
  throw new Error(`${field} is not set`);
}

function notThere(what: 'role' | 'subject', id: string): ReeveError {
  const metadata = { [`${what}_id`]: id };
  return new ReeveError('NOT_FOUND', `${what.toUpperCase()}_NOT_FOUND`, `${what} ${id} does not exist`, {
    metadata,
  });
}

function tooMany(what: string, max: number): ReeveError {
  const message = `an organisation may have at most ${max} ${what}`;
  return new ReeveError('RESOURCE_EXHAUSTED', `TOO_MANY_${what.toUpperCase()}`, message);
}
