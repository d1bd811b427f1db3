import type { Finding } from '../../ports/check.js';
import { ask, type PostgresCheck } from './visit.js';

/** Transactions until Postgres takes no more writes: about 2.1 billion; from here on it is a finding. */
const OLD = 1_000_000_000;

interface Row {
  readonly autovacuum: string;
  readonly age: number;
}

const LOOK = `SELECT current_setting('autovacuum') AS autovacuum,
  (SELECT max(age(datfrozenxid))::float8 FROM pg_database) AS age`;

/** Whether dead rows are cleaned up. */
export const VACUUM: PostgresCheck = {
  name: 'vacuum',
  async look(visit) {
    const [row] = await ask<Row>(visit, 'vacuum', LOOK);
    const found: Finding[] = [];
    if (row?.autovacuum === 'off') {
      found.push({
        level: 'warning',
        what: 'autovacuum is off',
        why: 'Each change of a task leaves a dead row; without it tables grow and statements slow down.',
        fix: 'ALTER SYSTEM SET autovacuum = on; SELECT pg_reload_conf();',
      });
    }
    if ((row?.age ?? 0) > OLD) {
      found.push({
        level: 'error',
        what: `the oldest transaction id is ${row?.age} transactions old`,
        why: 'At about 2 billion Postgres takes no more writes.',
        fix: 'VACUUM FREEZE; in the database that SELECT datname, age(datfrozenxid) FROM pg_database names',
      });
    }
    return found.length > 0 ? found : [{ level: 'ok', what: 'autovacuum is on' }];
  },
};
