import type { Role, Subject } from './directory.js';
import { matchesRole } from './filter.js';
import type { PoolQuery } from './pool.js';

/** Whether a role counts where a pool is looked for. */
export function counts(
  { jobSpaceId }: Pick<Role, 'jobSpaceId'>,
  pool: Pick<PoolQuery, 'jobSpaceId'>,
): boolean {
  return jobSpaceId === '' || jobSpaceId === pool.jobSpaceId;
}

/** Whether somebody holds a role: by naming it, or by a group. */
export function holdsRole(
  subject: Subject,
  { roleId, groupIds }: Pick<Role, 'roleId' | 'groupIds'>,
): boolean {
  return subject.roleIds.includes(roleId) || groupIds.some((group) => subject.groupIds.includes(group));
}

/** What makes somebody a member of a pool: all of `all`, and one of `one` unless that is `null`. */
export interface Wanted {
  readonly all: readonly Role[];
  readonly one: readonly Role[] | null;
}

/** What a pool asks for, of the roles that there are; `null`: nobody can be in it. */
export function wantedOf(pool: PoolQuery, roles: readonly Role[]): Wanted | null {
  const counting = roles.filter((role) => counts(role, pool));
  const all = counting.filter((role) => pool.roleIds.includes(role.roleId));
  if (all.length < new Set(pool.roleIds).size) return null;
  const { roleFilter } = pool;
  if (roleFilter === null && all.length > 0) return { all, one: null };
  const one = roleFilter === null ? counting : counting.filter((role) => matchesRole(roleFilter, role));
  return one.length === 0 ? null : { all, one };
}

/** Whether somebody is a member. */
export function isMember(subject: Subject, { all, one }: Wanted): boolean {
  return (
    all.every((role) => holdsRole(subject, role)) &&
    (one === null || one.some((role) => holdsRole(subject, role)))
  );
}
