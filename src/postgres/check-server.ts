import pg from 'pg';
import { ReeveError, unavailable } from '../domain/errors.js';
import type { Database } from './database.js';

/** The oldest Postgres that the statements are written for. */
export const OLDEST_POSTGRES = 15;

const LOOK = {
  name: 'look-at-server',
  text: `SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version,
    pg_is_in_recovery() AS replica`,
};

/** Classes and codes of SQLSTATE by which a server says that this user may not come in. */
const REFUSED = new Set(['28', '42501']);
const NO_DATABASE = '3D000';
/** What `pg` says by itself; these errors have no code. */
const NO_TLS = 'The server does not support SSL connections';
/** Of a login that fails on our side. */
const NO_LOGIN = /^(SASL|.*client password must be a string)/;

/**
 * Whether this Postgres can hold the record.
 *
 * @returns its version, for example `16.4`
 * @throws UNAVAILABLE if it is not there now, or RECORD_IS_REPLICA, as in a failover; else
 *   FAILED_PRECONDITION: RECORD_REFUSED (it does not let us in), RECORD_WITHOUT_TLS, RECORD_MISSING
 *   (there is no such database), RECORD_TOO_OLD
 */
export async function checkServer(db: Database): Promise<string> {
  const [server] = await db
    .read<{ number: number; version: string; replica: boolean }>(LOOK, [])
    .catch((error: unknown) => {
      throw asRefusal(error);
    });
  if (!server) throw new Error('Postgres answered with nothing');
  const { number, version, replica } = server;
  if (Math.floor(number / 10_000) < OLDEST_POSTGRES) {
    throw unfit('RECORD_TOO_OLD', `Postgres ${version} is too old, ${OLDEST_POSTGRES} or later is needed`);
  }
  if (replica) throw unavailable('RECORD_IS_REPLICA', 'this Postgres is a replica, which only reads');
  return version;
}

/** An error by which a server says that this user may not, as FAILED_PRECONDITION; others as they are. */
export function asRefusal(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof ReeveError) return error;
  const code = error instanceof pg.DatabaseError ? (error.code ?? '') : '';
  if (error.message === NO_TLS)
    return unfit('RECORD_WITHOUT_TLS', 'this Postgres does not speak TLS, which sslmode demands');
  if (code === NO_DATABASE) return unfit('RECORD_MISSING', error.message);
  if (REFUSED.has(code) || REFUSED.has(code.slice(0, 2)) || NO_LOGIN.test(error.message)) {
    return unfit('RECORD_REFUSED', `Postgres does not let us in: ${error.message}`);
  }
  return error;
}

function unfit(reason: string, message: string): ReeveError {
  return new ReeveError('FAILED_PRECONDITION', reason, message);
}
