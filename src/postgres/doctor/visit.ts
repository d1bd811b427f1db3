import type { Check } from '../../ports/check.js';
import type { Clock } from '../../ports/clock.js';
import type { Database } from '../database.js';

/** What checks of a Postgres are given. */
export interface PostgresVisit {
  /** Opened as a coordinator would, with one connection for reading. */
  readonly db: Database;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  /** When the connection began to open; monotonic, ms. */
  readonly openedAt: number;
  /** Where it is: a name, an address, or the folder of a socket. */
  readonly host: string;
  /** What coordinators do with it. */
  readonly use: PostgresUse;
}

/** From the settings. */
export interface PostgresUse {
  readonly writers: number;
  readonly readers: number;
  readonly statementTimeoutMs: number;
  readonly preparedStatements: boolean;
}

export type PostgresCheck = Check<PostgresVisit>;

/** Asks once; a name for the statement is made of `name`. */
export function ask<Row>(
  { db }: Pick<PostgresVisit, 'db'>,
  name: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  return db.read<Row>({ name: `doctor-${name}`, text }, values);
}
