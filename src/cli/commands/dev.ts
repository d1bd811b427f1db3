import type { Command } from '../command.js';
import { settingFlags, settingOptionsOf } from '../setting-options.js';
import { warnOfVariables } from '../warn-of-variables.js';

export const DEV: Command = {
  path: ['dev'],
  summary: 'Run a coordinator with everything built in',
  detail:
    'Keeps its data in a folder and needs nothing else installed. Ctrl-C stops it; started again it goes on where it was. When it serves it writes one line on standard output. A flag wins over its variable, that over the settings file, that over the default. SIGHUP reads them again: log-level and load-balancing-strategy are in force at once, the others at the next start.',
  options: settingOptionsOf('dev'),
  examples: [
    { line: 'reeve dev', doc: 'on 127.0.0.1:9001, data in .reeve/data' },
    { line: 'reeve dev --port 0 --data /tmp/reeve', doc: 'on any free port' },
    { line: 'REEVE_LOG_LEVEL=info reeve dev', doc: 'settings also come from the environment' },
    { line: 'reeve dev --settings lab.yaml', doc: 'and from a file' },
  ],
  local: true,
  run: async (invocation) => {
    warnOfVariables(invocation);
    return invocation.world.dev(settingFlags(invocation.given));
  },
};
