import { Membership } from '../../domain/directory/membership.js';
import type { PoolQuery } from '../../domain/directory/pool.js';
import { MAX_ROLES, MAX_SUBJECTS } from '../../ports/directory-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { findCountingRoles } from './find.js';

const LIST_HOLDERS = loadStatement('./list-holders.sql', import.meta.url);
const LIST_SUBJECTS = loadStatement('./list-subjects.sql', import.meta.url);

/**
 * Roles and groups by which subjects are looked up; those of more are looked through one after another.
 * Measured on 200,000 subjects and 10,000 roles: 34 s in one statement, which compares each list with each.
 */
const FEW = 64;
/** Subjects that are read by one statement, so that others need not wait long. */
const SLICE = 5_000;

interface Row {
  readonly subject_id: string;
  readonly role_ids: readonly string[];
  readonly group_ids: readonly string[];
}

/**
 * The ids of a pool's subjects. What is written between its statements may be half seen: who keeps
 * pools reads them anew when the organisation's version has risen.
 */
export async function poolMembers(db: Database, org: string, pool: PoolQuery): Promise<readonly string[]> {
  const membership = await membershipIn(db, org, pool);
  if (!membership) return [];
  const members: string[] = [];
  for await (const rows of holders(db, org, membership)) {
    for (const { subject_id: id, role_ids: roleIds, group_ids: groupIds } of rows) {
      if (membership.isMember({ roleIds, groupIds })) members.push(id);
    }
  }
  return members;
}

async function membershipIn(
  db: Database,
  org: string,
  { jobSpaceId, roleIds, roleFilter }: PoolQuery,
): Promise<Membership | null> {
  const find = (filter: PoolQuery['roleFilter']) => findCountingRoles(db, org, jobSpaceId, filter, MAX_ROLES);
  const all = roleIds.length > 0 ? await find({ role_id: { $in: [...roleIds] } }) : [];
  if (all.length < new Set(roleIds).size) return null;
  if (all.length > 0 && roleFilter === null) return new Membership(all, null);
  const one = await find(roleFilter);
  return one.length === 0 ? null : new Membership(all, one);
}

/** Everybody who may be a member. */
async function* holders(db: Database, org: string, { some }: Membership): AsyncGenerator<readonly Row[]> {
  const { roleIds, groupIds } = some;
  if (roleIds.size + groupIds.size <= FEW) {
    yield await db.read<Row>(LIST_HOLDERS, [org, [...roleIds], [...groupIds], MAX_SUBJECTS]);
    return;
  }
  let afterId = '';
  for (;;) {
    const rows = await db.read<Row>(LIST_SUBJECTS, [org, afterId, SLICE]);
    yield rows;
    if (rows.length < SLICE) return;
    afterId = rows.at(-1)?.subject_id ?? afterId;
  }
}
