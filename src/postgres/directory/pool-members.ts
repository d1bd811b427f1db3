import type { PoolQuery } from '../../domain/directory/pool.js';
import { MAX_ROLES, MAX_SUBJECTS } from '../../ports/directory-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { findCountingRoles } from './find.js';

const LIST_POOL_MEMBERS = loadStatement('./list-pool-members.sql', import.meta.url);

/**
 * The ids of a pool's subjects. What is written between its statements may be half seen: who keeps
 * pools reads them anew when the organisation's version has risen.
 */
export async function poolMembers(
  db: Database,
  org: string,
  { jobSpaceId, roleIds, roleFilter }: PoolQuery,
): Promise<readonly string[]> {
  if (roleIds.length > 0) {
    const filter = { role_id: { $in: [...roleIds] } };
    const held = await findCountingRoles(db, org, jobSpaceId, filter, MAX_ROLES);
    if (held.length < new Set(roleIds).size) return [];
    if (roleFilter === null) return list(db, org, held.slice(0, 1), roleIds);
  }
  return list(db, org, await findCountingRoles(db, org, jobSpaceId, roleFilter, MAX_ROLES), roleIds);
}

/** Who holds one of `some` and all of `all`. */
async function list(
  db: Database,
  org: string,
  some: Awaited<ReturnType<typeof findCountingRoles>>,
  all: readonly string[],
): Promise<readonly string[]> {
  const ids = some.map((role) => role.role_id);
  const groups = [...new Set(some.flatMap((role) => role.group_ids))];
  const values = [org, ids, groups, all, MAX_SUBJECTS];
  const rows = await db.read<{ subject_id: string }>(LIST_POOL_MEMBERS, values);
  return rows.map((row) => row.subject_id);
}
