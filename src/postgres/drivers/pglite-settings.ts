/** Postgres settings of the embedded database, given at its start. */
export const PGLITE_SETTINGS: Readonly<Record<string, string>> = {
  // Nothing analyzes tables behind our back, so statistics are always stale and plans must not
  // depend on them: index scans and nested loops only, one plan a statement.
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_seqscan: 'off',
  plan_cache_mode: 'force_generic_plan',
  jit: 'off',
  // An ANALYZE stops everything: 35 ms with a target of 10, 450 ms with the default of 100 (1 M rows).
  default_statistics_target: '10',

  synchronous_commit: 'on',
  // A SIGKILL may cut the write of a page in two.
  full_page_writes: 'on',
  // A checkpoint stops everything while it writes them: 110 ms with 128 MB, with the same throughput.
  shared_buffers: '64MB',

  timezone: 'UTC',
  datestyle: 'ISO, MDY',
  bytea_output: 'hex',
};
