import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { MIGRATION_VIEW } from '../output/migration-view.js';
import { settingFlags, settingOptions } from '../setting-options.js';
import { warnOfVariables } from '../warn-of-variables.js';

const SETTINGS = ['postgres-url', 'connect-timeout', 'prepared-statements', 'store-wait', 'log-level'];

export const MIGRATE: Command = {
  path: ['migrate'],
  summary: "Bring the record's schema up to date",
  detail:
    'Safe to run again, and by several at once: they take turns. Each migration is one transaction, so one that fails leaves the schema as it was before it. Coordinators that run go on meanwhile; those that are older than a migration allows do not start any more afterwards.',
  options: [{ name: 'plan', doc: 'only say what would be done' }, ...settingOptions(SETTINGS)],
  examples: [
    { line: 'reeve migrate --plan', doc: 'look first' },
    { line: 'reeve migrate', doc: 'the URL from REEVE_POSTGRES_URL' },
  ],
  local: true,
  run: async (invocation) => {
    const { given, world, out, talk } = invocation;
    warnOfVariables(invocation);
    const plan = given.switched('plan') ?? false;
    const report = await world.migrate(settingFlags(given), { plan });
    const { before, after, migrations } = report;
    const count = `${migrations.length} migration${migrations.length === 1 ? '' : 's'}`;
    if (migrations.length === 0) talk(`The schema is up to date: version ${after}.`);
    else if (plan) talk(`The schema is at version ${before}: ${count} to apply. Nothing was changed.`);
    else talk(`The schema was at version ${before} and is at version ${after}: ${count} applied.`);
    await out.one(MIGRATION_VIEW, { ...report, plan });
    return EXIT.ok;
  },
};
