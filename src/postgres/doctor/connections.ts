import { ask, type PostgresCheck } from './visit.js';

interface Row {
  /** That a role which is no superuser can have. */
  readonly most: number;
  readonly used: number;
  /** Of role and database; -1: no limit. */
  readonly role_limit: number;
  readonly database_limit: number;
}

const COUNT = `
  SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS most,
    (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
    (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user) AS role_limit,
    (SELECT datconnlimit FROM pg_database WHERE datname = current_database()) AS database_limit`;

/** Whether another coordinator would get its connections. */
export const CONNECTIONS: PostgresCheck = {
  name: 'connections',
  async look(visit) {
    const [row] = await ask<Row>(visit, 'connections', COUNT);
    if (!row) return [];
    const { writers, readers } = visit.use;
    // One more is for migrations.
    const each = writers + readers + 1;
    const limits = [row.most, row.role_limit, row.database_limit].filter((limit) => limit >= 0);
    const most = Math.min(...limits);
    const free = Math.max(0, most - row.used);
    const what = `${row.used} of ${most} connections are used, a coordinator takes up to ${each}`;
    if (free >= each) return [{ level: 'ok', what }];
    return [
      {
        level: most < each ? 'error' : 'warning',
        what,
        why: 'What gets no connection waits for one and then fails with UNAVAILABLE.',
        fix: `ALTER SYSTEM SET max_connections = ${Math.max(2 * most, row.used + 2 * each)}; and restart Postgres (look at the limits of role and database too), or lower postgres-writers and postgres-readers`,
      },
    ];
  },
};
