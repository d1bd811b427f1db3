import type { Command } from '../command.js';
import { settingFlags, settingOptionsOf } from '../setting-options.js';
import { warnOfVariables } from '../warn-of-variables.js';

export const SERVE: Command = {
  path: ['serve'],
  summary: 'Run one coordinator of a fleet, on Postgres and Redis',
  detail:
    'Any number of them share one Postgres and one Redis. Waits for both, and refuses what it cannot work with; each cause has its exit code. When it serves it writes one line on standard output. A flag wins over its variable, that over the settings file, that over the default. SIGTERM stops it in order; SIGHUP reads the settings again: log-level and load-balancing-strategy are in force at once, the others at the next start.',
  options: settingOptionsOf('serve'),
  examples: [
    {
      line: 'reeve migrate && reeve serve --insecure-open',
      doc: 'URLs from REEVE_POSTGRES_URL, REEVE_REDIS_URL',
    },
    {
      line: 'reeve serve --host 0.0.0.0 --settings fleet.yaml',
      doc: 'for other machines, settings from a file',
    },
  ],
  local: true,
  run: async (invocation) => {
    warnOfVariables(invocation);
    return invocation.world.serve(settingFlags(invocation.given));
  },
};
