import type { Finding } from '../../ports/check.js';
import { ask, type PostgresCheck } from './visit.js';

interface Holder {
  readonly kind: 'backend' | 'prepared' | 'slot';
  readonly name: string;
  readonly application: string;
  readonly state: string;
  readonly place: string;
  /** In s; null: not known. */
  readonly age: number | null;
}

const HOLDERS = `
  SELECT 'backend' AS kind, pid::text AS name, application_name AS application,
    concat_ws(', ', state, 'user ' || usename) AS state, coalesce(datname, '') AS place,
    extract(epoch FROM clock_timestamp() - xact_start)::float8 AS age
  FROM pg_stat_activity
  WHERE pid <> pg_backend_pid() AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL)
    AND backend_type IN ('client backend', 'walsender')
    AND xact_start < clock_timestamp() - make_interval(secs => $1)
  UNION ALL
  SELECT 'prepared', gid, '', 'prepared by ' || owner, database,
    extract(epoch FROM clock_timestamp() - prepared)::float8
  FROM pg_prepared_xacts WHERE prepared < clock_timestamp() - make_interval(secs => $1)
  UNION ALL
  SELECT 'slot', slot_name, coalesce(plugin, ''), CASE WHEN active THEN 'active' ELSE 'not active' END,
    coalesce(database, ''), NULL
  FROM pg_replication_slots WHERE NOT active AND (xmin IS NOT NULL OR catalog_xmin IS NOT NULL)
  ORDER BY age DESC NULLS LAST LIMIT 20`;

const MAY_SEE = `SELECT pg_has_role(current_user, 'pg_read_all_stats', 'usage') AS all`;

const WHY = 'Feeds read only below the oldest open transaction of the whole server, and dead rows stay.';

/**
 * Who keeps a transaction open, in any database of the server.
 *
 * @param seconds from which age on one is a finding
 */
export const transactionsOlderThan = (seconds: number): PostgresCheck => ({
  name: 'open-transactions',
  async look(visit) {
    const [may] = await ask<{ all: boolean }>(visit, 'may-see', MAY_SEE);
    const holders = await ask<Holder>(visit, 'xmin', HOLDERS, [seconds]);
    const found = holders.map(findingOf);
    if (found.length === 0) found.push({ level: 'ok', what: `none is older than ${seconds} s` });
    if (may?.all) return found;
    const blind: Finding = {
      level: 'note',
      what: 'this role does not see the transactions of others',
      why: 'What holds back the feeds could not be named.',
      fix: 'GRANT pg_read_all_stats TO CURRENT_USER; (as an administrator, with the name of the role)',
    };
    return [...found, blind];
  },
});

function findingOf({ kind, name, application, state, place, age }: Holder): Finding {
  const since = age === null ? '' : ` for ${Math.round(age)} s`;
  const where = place === '' ? '' : `, database ${place}`;
  if (kind === 'slot') {
    const what = `replication slot ${name} (${state}${where}) holds back what can be cleaned up`;
    return { level: 'warning', what, why: WHY, fix: `SELECT pg_drop_replication_slot('${name}');` };
  }
  if (kind === 'prepared') {
    const what = `prepared transaction '${name}' (${state}${where}) is open${since}`;
    return { level: 'warning', what, why: WHY, fix: `ROLLBACK PREPARED '${name}'; or COMMIT PREPARED` };
  }
  const what = `pid ${name} (${application || 'no application name'}, ${state}${where}) has a transaction open${since}`;
  return {
    level: 'warning',
    what,
    why: WHY,
    fix: `SELECT pg_terminate_backend(${name}); and so that it ends by itself: idle_in_transaction_session_timeout`,
  };
}
