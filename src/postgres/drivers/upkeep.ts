import type { Database } from '../database.js';

export interface UpkeepOptions {
  /** How much write-ahead log makes a checkpoint due, in bytes; default 32 MiB. */
  readonly checkpointBytes?: number;
  /** How many dead rows of a table make a quick vacuum due; default 20,000. */
  readonly deadRows?: number;
  /** How many changed rows of a table make a thorough vacuum due; default 200,000. */
  readonly changedRows?: number;
}

/**
 * What a Postgres server does in the background and PGlite, being one thread, does not:
 * vacuum, analyze, checkpoint. Without checkpoints the write-ahead log grows for ever
 * (`max_wal_size` has no effect), and with it the time that a start takes after a kill.
 */
export interface Upkeep {
  /**
   * Does one piece of what is due; everything else waits meanwhile. True if it did one: there
   * may be more, so come again after others had their turn, or in a second. Costs next to
   * nothing while little is written. Calls must not overlap.
   */
  runIfDue(): Promise<boolean>;
}

/** So much has to be written until it's worth asking what is due. */
const LOOK_BYTES = 2 * 1_024 * 1_024;
const WRITTEN = {
  name: 'upkeep-written',
  text: "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint AS bytes",
};

const DUE = {
  name: 'upkeep-due',
  // $1 checkpointBytes, $2 deadRows, $3 changedRows
  text: `SELECT piece, relation FROM (
      SELECT 1 AS rank, 'checkpoint' AS piece, NULL AS relation, 0 AS much
        FROM pg_control_checkpoint()
        WHERE pg_current_wal_insert_lsn() - redo_lsn >= $1::bigint
      UNION ALL
      SELECT 2, 'thorough', relid::regclass::text, n_mod_since_analyze FROM pg_stat_user_tables
        WHERE n_mod_since_analyze >= $3::bigint AND n_tup_upd + n_tup_del > 0
      UNION ALL
      SELECT 3, 'quick', relid::regclass::text, n_dead_tup FROM pg_stat_user_tables
        WHERE n_dead_tup >= $2::bigint
    ) AS due
    ORDER BY rank, much DESC LIMIT 1`,
};

interface Due {
  readonly piece: keyof typeof PIECES;
  /** Quoted where it must be; null for a checkpoint. */
  readonly relation: string | null;
}

/**
 * Measured on a table of 1 M rows of 160 bytes with two indexes, on one busy core, ms that
 * everything waits after 20,000 / 100,000 updates: quick vacuum 13–30 / 50, thorough vacuum 130
 * / 156 (it reads all of an index) and 37 for the analysis. A checkpoint about 1 a MiB of log.
 */
const PIECES = {
  checkpoint: 'CHECKPOINT',
  quick: 'VACUUM (TRUNCATE off, INDEX_CLEANUP off)',
  thorough: 'VACUUM (TRUNCATE off, ANALYZE)',
} as const;

export function createUpkeep(
  db: Database,
  { checkpointBytes = 32 * 1_024 * 1_024, deadRows = 20_000, changedRows = 200_000 }: UpkeepOptions = {},
): Upkeep {
  let lookedAt = 0;
  return {
    async runIfDue() {
      const [written] = await db.read<{ bytes: number }>(WRITTEN, []);
      if (!written || Math.abs(written.bytes - lookedAt) < LOOK_BYTES) return false;
      const [due] = await db.read<Due>(DUE, [checkpointBytes, deadRows, changedRows]);
      if (!due) {
        lookedAt = written.bytes;
        return false;
      }
      await db.exec(`${PIECES[due.piece]} ${due.relation ?? ''}`);
      return true;
    },
  };
}
