/** A statement that is prepared once per connection under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** One connection with nobody else on it. */
export interface Connection {
  run<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
}

/**
 * The way to a Postgres, whichever one it is. The drivers implement it. Rows come as
 * objects; `bigint` and `timestamptz` as numbers (the latter in ms since the epoch), `jsonb`
 * parsed, `bytea` as Uint8Array.
 */
export interface Database {
  /** One statement in a transaction of its own, ahead of waiting reads. */
  write<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
  /** Several statements in one transaction; rolled back if `work` rejects. */
  transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  /** One statement that only reads; must be bounded in rows by its text. */
  read<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
  /** SQL of several statements without parameters: migrations, upkeep. */
  exec(sql: string): Promise<void>;
  close(): Promise<void>;
}
