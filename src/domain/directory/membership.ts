import { holds } from './condition.js';
import type { Role, Subject } from './directory.js';
import { readFilter } from './filter.js';
import type { PoolQuery } from './pool.js';

/** What is looked at of a role and of a subject. */
export type Held = Pick<Role, 'roleId' | 'groupIds'>;
export type Holder = Pick<Subject, 'roleIds' | 'groupIds'>;

/** Whether a role counts where a pool is looked for. */
function counts({ jobSpaceId }: Role, pool: PoolQuery): boolean {
  return jobSpaceId === '' || jobSpaceId === pool.jobSpaceId;
}

/** Somebody holds a role by naming it, or by a group: of several roles, at least one. */
class AnyOf {
  readonly roleIds: ReadonlySet<string>;
  readonly groupIds: ReadonlySet<string>;

  constructor(roles: readonly Held[]) {
    this.roleIds = new Set(roles.map((role) => role.roleId));
    this.groupIds = new Set(roles.flatMap((role) => role.groupIds));
  }

  isHeldBy({ roleIds, groupIds }: Holder): boolean {
    return roleIds.some((id) => this.roleIds.has(id)) || groupIds.some((id) => this.groupIds.has(id));
  }
}

/** What makes somebody a member of a pool. */
export class Membership {
  /** Who holds none of these is no member: by these few or many they are looked for. */
  readonly some: Pick<AnyOf, 'roleIds' | 'groupIds'>;
  readonly #each: readonly AnyOf[];

  /**
   * @param all roles that are all to be held
   * @param one of these one is to be held; `null`: `all` will do
   */
  constructor(all: readonly Held[], one: readonly Held[] | null) {
    const each = all.map((role) => new AnyOf([role]));
    const any = one && new AnyOf(one);
    this.#each = any ? [...each, any] : each;
    this.some = each[0] ?? any ?? new AnyOf([]);
  }

  isMember(holder: Holder): boolean {
    return this.#each.every((one) => one.isHeldBy(holder));
  }
}

/** What a pool asks for, of the roles that there are; `null`: nobody can be in it. */
export function membershipOf(pool: PoolQuery, roles: readonly Role[]): Membership | null {
  const counting = roles.filter((role) => counts(role, pool));
  const all = counting.filter((role) => pool.roleIds.includes(role.roleId));
  if (all.length < new Set(pool.roleIds).size) return null;
  const { roleFilter } = pool;
  if (roleFilter === null && all.length > 0) return new Membership(all, null);
  // Read once: there may be thousands of roles, and of values in it.
  const condition = roleFilter && readFilter(roleFilter, 'role');
  const one = condition === null ? counting : counting.filter((role) => holds(condition, role));
  return one.length === 0 ? null : new Membership(all, one);
}
