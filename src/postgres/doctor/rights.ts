import type { Finding } from '../../ports/check.js';
import { ask, type PostgresCheck } from './visit.js';

interface Row {
  readonly role: string;
  readonly superuser: boolean;
  /** Null: the search path leads to no schema. */
  readonly schema: string | null;
  readonly creates: boolean;
  readonly may_not: readonly string[];
}

const RIGHTS = `
  SELECT current_user::text AS role, r.rolsuper AS superuser, current_schema()::text AS schema,
    coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS creates,
    ARRAY(
      SELECT c.relname::text FROM pg_class c
      WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema())) AND c.relkind IN ('r', 'p', 'v')
        AND to_regclass('schema_migration') IS NOT NULL
        AND NOT (has_table_privilege(c.oid, 'SELECT') AND (c.relkind = 'v' OR has_table_privilege(c.oid, 'INSERT')
          AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE')))
      ORDER BY 1 LIMIT 20) AS may_not
  FROM pg_roles r WHERE r.rolname = current_user`;

/** Whether the role may do what coordinators and `reeve migrate` do. */
export const RIGHTS_OF_ROLE: PostgresCheck = {
  name: 'rights',
  async look(visit) {
    const [row] = await ask<Row>(visit, 'rights', RIGHTS);
    if (!row) return [];
    const { role, superuser, schema, creates, may_not } = row;
    const found: Finding[] = [];
    if (may_not.length > 0) {
      found.push({
        level: 'error',
        what: `${role} may not read and write ${may_not.join(', ')}`,
        why: 'Calls that need these tables fail.',
        fix: `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO "${role}";`,
      });
    }
    if (!creates) {
      found.push({
        level: 'warning',
        what: schema
          ? `${role} may not create in schema ${schema}`
          : `${role}'s search_path leads to no schema`,
        why: 'reeve migrate and the making of new partitions need it.',
        fix: `GRANT USAGE, CREATE ON SCHEMA ${schema ?? 'public'} TO "${role}";`,
      });
    }
    if (superuser) {
      found.push({
        level: 'note',
        what: `${role} is a superuser`,
        why: 'Reeve needs no more than a database of its own, and whoever gets its password has the whole server.',
        fix: 'CREATE ROLE reeve LOGIN PASSWORD …; CREATE DATABASE reeve OWNER reeve;',
      });
    }
    return found.length > 0 ? found : [{ level: 'ok', what: `${role} may do what is needed` }];
  },
};
