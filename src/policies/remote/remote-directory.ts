import type { JsonObject as PlainObject } from '@bufbuild/protobuf';
import { RoleDirectoryService } from '@reeve/sdk/protocol';
import { holds } from '../../domain/directory/condition.js';
import type { Role, Subject } from '../../domain/directory/directory.js';
import { readFilter, type Sought } from '../../domain/directory/filter.js';
import { isMember, wantedOf } from '../../domain/directory/membership.js';
import type { PoolQuery } from '../../domain/directory/pool.js';
import { unavailable } from '../../domain/errors.js';
import type { JsonObject } from '../../domain/json.js';
import type { Clock } from '../../ports/clock.js';
import type {
  Directory,
  OpenRemoteDirectory,
  Page,
  PageQuery,
  RemoteDirectoryPlace,
} from '../../ports/directories.js';
import { MAX_ROLES, MAX_SUBJECTS } from '../../ports/directory-record.js';
import { toRole, toSubject } from './directory-messages.js';
import type { RemoteCaller } from './remote-caller.js';
import { RemoteFailure } from './remote-failure.js';

/** How long one page may take, and a pool of however many, in ms. */
const CALL_MS = 2_000;
const POOL_MS = 15_000;
const PAGE_SIZE = 500;
/** Ids that one filter names. */
const IDS_AT_ONCE = 400;
/** It comes back within a token of ours. */
const MAX_TOKEN = 700;

type Read<T> = (query: PageQuery) => Promise<Page<T>>;

/** Directories that organisations serve themselves; what they answer is not taken for granted. */
export function createRemoteDirectories(caller: RemoteCaller, clock: Clock): OpenRemoteDirectory {
  const { method } = RoleDirectoryService;

  return (place) => {
    const queryRoles: Read<Role> = async (query) => {
      const answer = await ask(place, () =>
        caller.call(method.queryRoles, place, toRequest(place, query), CALL_MS),
      );
      return pageOf(place, query, answer.nextPageToken, answer.roles.map(toRole), 'role');
    };
    const querySubjects: Read<Subject> = async (query) => {
      const answer = await ask(place, () =>
        caller.call(method.querySubjects, place, toRequest(place, query), CALL_MS),
      );
      return pageOf(place, query, answer.nextPageToken, answer.subjects.map(toSubject), 'subject');
    };
    return {
      name: JSON.stringify([place.address, place.plaintext]),
      cacheMs: place.cacheMs,
      queryRoles,
      querySubjects,
      poolMembers: (pool) => poolMembers(pool, queryRoles, querySubjects),
    } satisfies Directory;

    async function poolMembers(
      pool: PoolQuery,
      roles: Read<Role>,
      subjects: Read<Subject>,
    ): Promise<ReadonlySet<string>> {
      const until = clock.monotonic() + POOL_MS;
      const found = new Map<string, Role>();
      for (const filter of roleFilters(pool)) {
        for (const role of await all(roles, filter, MAX_ROLES, until)) found.set(role.roleId, role);
      }
      const wanted = wantedOf(pool, [...found.values()]);
      if (!wanted) return new Set();
      const members = new Set<string>();
      for (const filter of holderFilters(wanted.one ?? wanted.all.slice(0, 1))) {
        for (const subject of await all(subjects, filter, MAX_SUBJECTS, until)) {
          if (isMember(subject, wanted)) members.add(subject.subjectId);
        }
      }
      return members;
    }

    async function all<T>(
      read: Read<T>,
      filter: JsonObject,
      max: number,
      until: number,
    ): Promise<readonly T[]> {
      const items: T[] = [];
      let cursor = '';
      do {
        if (clock.monotonic() > until) throw away(place, `it took longer than ${POOL_MS} ms to tell a pool`);
        const page = await read({ filter, cursor, limit: PAGE_SIZE });
        // A page that only leads to another would do so for ever.
        if (page.items.length === 0 && page.nextCursor !== '') throw away(place, 'a page of it is empty');
        items.push(...page.items);
        if (items.length > max) throw away(place, `it has more than ${max} that match`);
        cursor = page.nextCursor;
      } while (cursor !== '');
      return items;
    }
  };
}

/** Those that are named, and those of which one is to be held. */
function roleFilters({ jobSpaceId, roleIds, roleFilter }: PoolQuery): readonly JsonObject[] {
  const counting = { job_space_id: { $in: jobSpaceId === '' ? [''] : ['', jobSpaceId] } };
  const named = roleIds.length > 0 ? [{ ...counting, role_id: { $in: [...roleIds] } }] : [];
  if (roleIds.length > 0 && roleFilter === null) return named;
  return [...named, roleFilter === null ? counting : { $and: [counting, roleFilter] }];
}

/** Everybody who holds one of some roles: by naming it, or by a group. */
function holderFilters(roles: readonly Role[]): readonly JsonObject[] {
  const groups = [...new Set(roles.flatMap((role) => role.groupIds))];
  const ids = roles.map((role) => role.roleId);
  return [
    ...inParts(ids).map((part) => ({ role_ids: { $in: part } })),
    ...inParts(groups).map((part) => ({ group_ids: { $in: part } })),
  ];
}

function inParts(ids: readonly string[]): string[][] {
  const parts: string[][] = [];
  for (let at = 0; at < ids.length; at += IDS_AT_ONCE) parts.push(ids.slice(at, at + IDS_AT_ONCE));
  return parts;
}

function toRequest({ org }: RemoteDirectoryPlace, { filter, cursor, limit }: PageQuery) {
  return { org, ...(filter && { filter: filter as PlainObject }), pageSize: limit, pageToken: cursor };
}

/** A directory that answers with what was not asked for is none to go by. */
function pageOf<T extends Role | Subject>(
  place: RemoteDirectoryPlace,
  { filter, limit }: PageQuery,
  nextCursor: string,
  items: readonly T[],
  sought: Sought,
): Page<T> {
  if (items.length > limit)
    throw away(place, `a page of it has ${items.length} entries, and ${limit} were asked for`);
  if (Buffer.byteLength(nextCursor) > MAX_TOKEN)
    throw away(place, `its page token is longer than ${MAX_TOKEN} bytes`);
  const condition = filter && readFilter(filter, sought);
  if (condition && !items.every((item) => holds(condition, item)))
    throw away(place, 'it answers with what does not match the filter');
  return { items, nextCursor };
}

async function ask<T>(place: RemoteDirectoryPlace, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof RemoteFailure) throw away(place, error.message);
    throw error;
  }
}

function away({ address }: RemoteDirectoryPlace, why: string) {
  return unavailable('DIRECTORY_UNAVAILABLE', `the role directory ${address}: ${why}`);
}
