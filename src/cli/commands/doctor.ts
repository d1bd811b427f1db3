import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { FINDING_VIEW, findingsText, REPORT_VIEW } from '../output/finding-view.js';
import { settingFlags, settingOptions } from '../setting-options.js';
import { warnOfVariables } from '../warn-of-variables.js';
import type { DoctorFinding } from '../world.js';

const SETTINGS = [
  'postgres-url',
  'postgres-writers',
  'postgres-readers',
  'statement-timeout',
  'prepared-statements',
  'redis-url',
  'redis-prefix',
  'redis-timeout',
  'connect-timeout',
  'log-level',
];

const LEVELS: readonly DoctorFinding['level'][] = ['error', 'warning', 'note', 'ok'];

export const DOCTOR: Command = {
  path: ['doctor'],
  summary: 'Look at the Postgres and the Redis of a fleet, and say what to mend',
  detail:
    'Looks with the settings of `reeve serve` and changes nothing. Each finding has a level (ok, note, warning, error), why it matters, and what to do about it. Exit code 0 if there is no error, else 1; with `--strict` a warning is enough.',
  options: [{ name: 'strict', doc: 'fail for a warning too' }, ...settingOptions(SETTINGS)],
  examples: [
    { line: 'reeve doctor', doc: 'URLs from REEVE_POSTGRES_URL, REEVE_REDIS_URL' },
    { line: 'reeve doctor --strict -o json', doc: 'for programs' },
  ],
  local: true,
  run: async (invocation) => {
    const { given, world, out, talk } = invocation;
    warnOfVariables(invocation);
    const report = await world.doctor(settingFlags(given));
    const { postgres, redis, findings } = report;
    talk(`Postgres: ${postgres ?? 'not set'}. Redis: ${redis ?? 'not set'}.`);
    const counts = LEVELS.map(
      (level) => [level, findings.filter((one) => one.level === level).length] as const,
    );
    const [[, errors = 0] = [], [, warnings = 0] = []] = counts;
    const fails = errors > 0 || (warnings > 0 && (given.switched('strict') ?? false));
    if (out.format === 'table') await out.text(findingsText(findings, out.scene));
    else if (out.format === 'json' || out.format === 'yaml')
      await out.one(REPORT_VIEW, { ...report, ok: !fails });
    else await out.many(FINDING_VIEW, findings, '');
    talk(counts.map(([level, count]) => `${count} ${level}`).join(', '));
    return fails ? EXIT.failure : EXIT.ok;
  },
};
