import type { Database } from '../database.js';

/**
 * How many 8 KiB blocks of a table are read at a time. A row's large values lie elsewhere, so
 * a block of a table that has such may stand for 20 MB.
 */
const BLOCKS_AT_A_TIME = 16;

interface Table {
  /** Qualified and quoted where it must be. */
  readonly name: string;
  /** Its partitioned parent, or null. */
  readonly parent: string | null;
  readonly bound: string | null;
  readonly columns: string;
  readonly blocks: number;
  readonly hasLargeValues: boolean;
}

const TABLES = {
  name: 'copy-tables',
  text: `SELECT c.oid::regclass::text AS name, i.inhparent::regclass::text AS parent,
      pg_get_expr(c.relpartbound, c.oid) AS bound,
      (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
      pg_relation_size(c.oid) / current_setting('block_size')::bigint AS blocks,
      c.reltoastrelid <> 0 AND pg_relation_size(c.reltoastrelid) > 0 AS "hasLargeValues"
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
    WHERE c.relkind = 'r' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
    ORDER BY 1`,
};

const SEQUENCES = {
  name: 'copy-sequences',
  text: `SELECT format('%I.%I', schemaname, sequencename) AS name, last_value::text AS value
    FROM pg_sequences WHERE last_value IS NOT NULL`,
};

/**
 * Replaces the rows of `to` by those of `from`, both at the same migrations: every table,
 * the partitions that `to` lacks, the values of sequences. Rows go as text, which every
 * version of Postgres reads.
 *
 * @returns how many rows each table has
 */
export async function copyRows(from: Database, to: Database): Promise<ReadonlyMap<string, number>> {
  const tables = await from.read<Table>(TABLES, []);
  const known = new Set((await to.read<Table>(TABLES, [])).map(({ name }) => name));
  // No triggers, no checks of references: the rows were checked where they come from.
  await to.exec('SET session_replication_role = replica');
  for (const { name, parent, bound } of tables) {
    if (!known.has(name)) await to.exec(`CREATE TABLE ${name} PARTITION OF ${parent} ${bound}`);
  }
  if (tables.length > 0) await to.exec(`TRUNCATE ${tables.map(({ name }) => name).join(', ')} CASCADE`);
  const copied = new Map<string, number>();
  for (const table of tables) copied.set(table.name, await copyTable(from, to, table));
  for (const { name, value } of await from.read<{ name: string; value: string }>(SEQUENCES, [])) {
    await to.write({ name: '', text: 'SELECT setval($1::regclass, $2::bigint)' }, [name, value]);
  }
  await to.exec('RESET session_replication_role');
  return copied;
}

async function copyTable(
  from: Database,
  to: Database,
  { name, columns, blocks, hasLargeValues }: Table,
): Promise<number> {
  const select = {
    name: '',
    text: `SELECT t::text AS line FROM ${name} t WHERE ctid >= $1::tid AND ctid < $2::tid`,
  };
  const insert = {
    name: '',
    text: `INSERT INTO ${name} (${columns}) OVERRIDING SYSTEM VALUE
      SELECT ${columns} FROM (SELECT (line::${name}).* FROM unnest($1::text[]) AS line) AS rows`,
  };
  const step = hasLargeValues ? 1 : BLOCKS_AT_A_TIME;
  let copied = 0;
  for (let block = 0; block < blocks; block += step) {
    const rows = await from.read<{ line: string }>(select, [`(${block},0)`, `(${block + step},0)`]);
    if (rows.length > 0) await to.write(insert, [rows.map(({ line }) => line)]);
    copied += rows.length;
  }
  const count = { name: '', text: `SELECT count(*) AS rows FROM ${name}` };
  const [before] = await from.read<{ rows: number }>(count, []);
  const [after] = await to.read<{ rows: number }>(count, []);
  if (before?.rows !== after?.rows) {
    throw new Error(`${name} has ${after?.rows} rows after the move and had ${before?.rows}`);
  }
  return copied;
}
