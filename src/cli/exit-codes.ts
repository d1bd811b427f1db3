/** What a script can tell from the exit code alone; of 20 to 27, 20, 24 and 27 may pass by themselves. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  authentication: 4,
  conflict: 5,
  taskFailed: 6,
  unreachable: 7,
  storeUnreachable: 20,
  storeRefused: 21,
  databaseMissing: 22,
  storeTooOld: 23,
  storeIsReplica: 24,
  schemaUnknown: 25,
  schemaTooOld: 26,
  storeFull: 27,
  timeout: 124,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'failed in another way',
  2: 'wrong usage, or the server refused a value',
  3: 'there is no such task, workflow, agent, profile or part of a context',
  4: 'not authenticated, or not allowed',
  5: 'in conflict with the state it is in',
  6: 'the task or the workflow did not end as it was wanted to',
  7: 'no coordinator could be reached, or not the Postgres or Redis that it needs',
  20: '`reeve serve`: Postgres or Redis was not there within `store-wait`',
  21: '`reeve serve`: Postgres or Redis does not accept the user or the password',
  22: '`reeve serve`: there is no such database',
  23: '`reeve serve`: Postgres or Redis is too old',
  24: '`reeve serve`: Postgres or Redis is a replica',
  25: '`reeve serve`: the schema is newer than this Reeve, or not its own',
  26: '`reeve serve`: the schema is older than this Reeve: `reeve migrate`',
  27: '`reeve serve`: the disk or the memory of Postgres or Redis is full',
  124: 'not done within `--timeout`',
  130: 'interrupted with Ctrl-C',
};
