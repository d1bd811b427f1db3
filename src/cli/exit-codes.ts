/** What a script can tell from the exit code alone. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  authentication: 4,
  conflict: 5,
  taskFailed: 6,
  unreachable: 7,
  timeout: 124,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'failed in another way',
  2: 'wrong usage, or the server refused a value',
  3: 'there is no such task, agent or profile',
  4: 'not authenticated, or not allowed',
  5: 'in conflict with the state it is in',
  6: 'the task did not end as it was wanted to',
  7: 'no coordinator could be reached',
  124: 'not done within `--timeout`',
  130: 'interrupted with Ctrl-C',
};
