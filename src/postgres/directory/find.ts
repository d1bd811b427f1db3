import { readFilter, type Sought } from '../../domain/directory/filter.js';
import type { JsonObject } from '../../domain/json.js';
import type { DirectoryQuery } from '../../ports/directory-record.js';
import type { Database } from '../database.js';
import { conditionSql, Parameters } from './filter-sql.js';

const COLUMNS: Readonly<Record<Sought, string>> = {
  role: 'role_id, role_type, job_space_id, group_ids, attributes, description, update_time',
  subject: 'subject_id, subject_type, role_ids, group_ids, attributes, update_time',
};

/** Rows that match, by id. Each filter makes a statement of its own, so it is not kept: it has no name. */
export function findRows<Row>(db: Database, sought: Sought, query: DirectoryQuery): Promise<Row[]> {
  const { org, filter, afterId, limit } = query;
  const parameters = new Parameters([org, afterId, limit]);
  const text = `SELECT ${COLUMNS[sought]} FROM ${sought}
    WHERE org = $1 AND ${sought}_id > $2 AND ${filterSql(filter, sought, parameters)}
    ORDER BY ${sought}_id LIMIT $3::int`;
  return db.read<Row>({ name: '', text }, parameters.values);
}

export interface CountingRole {
  readonly role_id: string;
  readonly group_ids: readonly string[];
}

/** Roles that count in a job space and match. */
export function findCountingRoles(
  db: Database,
  org: string,
  jobSpaceId: string,
  filter: JsonObject | null,
  limit: number,
): Promise<CountingRole[]> {
  const parameters = new Parameters([org, jobSpaceId, limit]);
  const text = `SELECT role_id, group_ids FROM role
    WHERE org = $1 AND job_space_id IN ('', $2) AND ${filterSql(filter, 'role', parameters)}
    ORDER BY role_id LIMIT $3::int`;
  return db.read<CountingRole>({ name: '', text }, parameters.values);
}

function filterSql(filter: JsonObject | null, sought: Sought, parameters: Parameters): string {
  return filter ? conditionSql(readFilter(filter, sought), parameters) : 'true';
}
