import type pg from 'pg';
import { ReeveError } from '../../domain/errors.js';
import type { Connection } from '../database.js';
import { encodeValues } from './encode-values.js';
import { isHung } from './server-errors.js';

/** What every driver does with a connection while nobody else uses it. */
export interface Session extends Connection {
  transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  exec(sql: string): Promise<void>;
}

/**
 * A statement's own error comes as `pg`'s `DatabaseError`, its `code` the SQLSTATE. The caller
 * runs one thing at a time.
 *
 * @param prepare whether statements are prepared under their names
 */
export function createSession(client: pg.ClientBase, prepare = true): Session {
  // Undoes what is open; if the connection is gone, Postgres does it. One that hangs would not answer.
  const rollback = async (error: unknown) => {
    if (!isHung(error)) await client.query('ROLLBACK').catch(() => {});
  };

  const run: Connection['run'] = async <Row>(
    { name, text }: { name: string; text: string },
    values: readonly unknown[],
  ) => {
    const query = { text, values: encodeValues(values), ...(prepare ? { name } : {}) };
    return (await client.query<Row & pg.QueryResultRow>(query)).rows;
  };

  return {
    run,
    async transaction(work) {
      let ended = false;
      const connection: Connection = {
        run: (statement, values) =>
          ended ? Promise.reject(new Error('the transaction has ended')) : run(statement, values),
      };
      await client.query('BEGIN');
      try {
        const result = await work(connection);
        const { command } = await client.query('COMMIT');
        // Postgres answers ROLLBACK if a statement failed, even if the caller swallowed the error.
        if (command !== 'COMMIT') {
          throw new ReeveError(
            'ABORTED',
            'TRANSACTION_ABORTED',
            'a statement failed: the transaction is undone',
          );
        }
        return result;
      } catch (error) {
        await rollback(error);
        throw error;
      } finally {
        ended = true;
      }
    },
    async exec(sql) {
      try {
        await client.query(sql);
      } catch (error) {
        await rollback(error);
        throw error;
      }
    },
  };
}
