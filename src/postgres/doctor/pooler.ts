import type { Finding } from '../../ports/check.js';
import { SESSION_OPTIONS } from '../drivers/server.js';
import { ask, type PostgresCheck, type PostgresVisit } from './visit.js';

const QUESTIONS = 5;
/** How much older than our connection a backend may seem, in ms. */
const TOLERANCE_MS = 1_000;

interface Row {
  readonly pid: number;
  /** Of the backend, in ms. */
  readonly age: number;
}

const LOOK = `SELECT pg_backend_pid() AS pid,
  (extract(epoch FROM clock_timestamp() - (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())) * 1000)::float8 AS age`;

const FIX_PREPARED = 'REEVE_PREPARED_STATEMENTS=false, or a pooler in session mode';

/** Whether something between us and Postgres hands connections on. */
export const POOLER: PostgresCheck = {
  name: 'pooler',
  async look(visit) {
    const { clock, openedAt, use } = visit;
    const rows: Row[] = [];
    for (let i = 0; i < QUESTIONS; i++) rows.push(...(await ask<Row>(visit, 'backend', LOOK)));
    const open = clock.monotonic() - openedAt;
    const isHandedOn = new Set(rows.map(({ pid }) => pid)).size > 1;
    const isOlder = rows.some(({ age }) => age > open + TOLERANCE_MS);
    const found: Finding[] = [];
    if (isHandedOn || isOlder) {
      const bad = isHandedOn && use.preparedStatements;
      found.push({
        level: bad ? 'error' : 'note',
        what: isHandedOn
          ? 'a pooler hands each transaction to another connection'
          : 'a pooler is between us and Postgres: our connection is older than we are',
        why: 'Statements that are prepared on one connection are not there on the next.',
        fix: use.preparedStatements ? FIX_PREPARED : 'Nothing: prepared-statements is off.',
      });
    }
    const differing = await settingsThatDiffer(visit);
    if (differing.length > 0) {
      found.push({
        level: use.preparedStatements ? 'warning' : 'note',
        what: `connections do not have what Reeve sets on its own: ${differing.map(({ name }) => name).join(', ')}`,
        why: 'Statements can then take plans that are slow on large tables, and run longer than they may.',
        fix: differing
          .map(({ name, wanted }) => `ALTER ROLE CURRENT_USER SET ${name} = '${wanted}';`)
          .join(' '),
      });
    }
    if (found.length > 0) return found;
    return [
      { level: 'ok', what: use.preparedStatements ? 'none; statements are prepared' : 'none is needed' },
    ];
  },
};

interface Setting {
  readonly name: string;
  readonly wanted: string;
}

/** Of what a connection of our own is given when it opens, what this one does not have. */
async function settingsThatDiffer(visit: PostgresVisit): Promise<readonly Setting[]> {
  const wanted: Setting[] = [
    { name: 'statement_timeout', wanted: String(visit.use.statementTimeoutMs) },
    ...[...SESSION_OPTIONS.matchAll(/-c (\w+)=((?:\\ |\S)+)/g)].map(([, name = '', value = '']) => ({
      name,
      wanted: value.replaceAll('\\', ''),
    })),
  ];
  const rows = await ask<{ name: string; setting: string }>(
    visit,
    'session',
    'SELECT name, setting FROM pg_settings WHERE lower(name) = ANY($1::text[])',
    [wanted.map(({ name }) => name)],
  );
  const inForce = new Map(rows.map(({ name, setting }) => [name.toLowerCase(), setting.toLowerCase()]));
  return wanted.filter(({ name, wanted: value }) => !inForce.get(name)?.startsWith(value.toLowerCase()));
}
