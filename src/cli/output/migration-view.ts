import type { MigrationReport } from '../world.js';
import { safeText } from './safe-text.js';
import type { View } from './view.js';

export const MIGRATION_VIEW: View<MigrationReport & { readonly plan: boolean }> = {
  id: ({ after }) => String(after),
  version: ({ after }) => String(after),
  columns: [
    { title: 'database', value: ({ database }) => database },
    { title: 'before', value: ({ before }) => before },
    { title: 'after', value: ({ after }) => after },
    { title: 'migrations', value: namesOf },
    { title: 'plan', value: ({ plan }) => plan },
  ],
  details: (report) => [
    ['Database', safeText(report.database)],
    ['Before', String(report.before)],
    ['After', String(report.after)],
    [report.plan ? 'To apply' : 'Applied', safeText(namesOf(report))],
  ],
};

/** `0001_tasks_and_agents 0002_queues_and_operations`, as their files are named. */
function namesOf({ migrations }: MigrationReport): string {
  return migrations.map(({ version, name }) => `${String(version).padStart(4, '0')}_${name}`).join(' ');
}
