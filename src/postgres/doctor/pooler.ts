import type { Finding } from '../../ports/check.js';
import { ask, type PostgresCheck } from './visit.js';

const QUESTIONS = 5;
/** How much older than our connection a backend may seem, in ms. */
const TOLERANCE_MS = 1_000;

interface Row {
  readonly pid: number;
  /** Of the backend, in ms. */
  readonly age: number;
  readonly timeout: string;
}

const LOOK = `SELECT pg_backend_pid() AS pid,
  (extract(epoch FROM clock_timestamp() - (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())) * 1000)::float8 AS age,
  (SELECT setting FROM pg_settings WHERE name = 'statement_timeout') AS timeout`;

const FIX_PREPARED =
  'REEVE_PREPARED_STATEMENTS=false and ALTER ROLE … SET statement_timeout; or a pooler in session mode';

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
    const timeout = Number(rows[0]?.timeout ?? 0);
    const wanted = use.preparedStatements ? use.statementTimeoutMs : null;
    if (wanted === null ? timeout === 0 : timeout !== wanted) {
      found.push({
        level: 'warning',
        what: `statement_timeout is ${timeout} ms on the connection, not ${wanted ?? use.statementTimeoutMs} ms`,
        why: 'A statement that hangs keeps its connection for as long.',
        fix: `ALTER ROLE CURRENT_USER SET statement_timeout = '${use.statementTimeoutMs}ms';`,
      });
    }
    if (found.length > 0) return found;
    return [
      { level: 'ok', what: use.preparedStatements ? 'none; statements are prepared' : 'none is needed' },
    ];
  },
};
