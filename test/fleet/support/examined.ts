import { type ExamineOptions, examine } from '../../../src/doctor.js';
import { resolveSettings } from '../../../src/settings/resolve-settings.js';
import { systemClock } from '../../../src/system/clock.js';
import { SILENT } from '../../support/pglite-record.js';

/** What a finding is told apart by: `postgres durability error`. */
type Line = `${string} ${string} ${string}: ${string}`;

/**
 * What the doctor finds.
 *
 * @param flags settings, by name
 * @returns a line a finding, `about check level: what | fix`
 */
export async function examined(
  flags: Readonly<Record<string, string>>,
  clock: ExamineOptions['clock'] = systemClock,
): Promise<readonly Line[]> {
  const { values: settings } = resolveSettings({ flags: { 'connect-timeout': '2s', ...flags } });
  const { findings } = await examine({ settings, log: SILENT, clock });
  return findings.map(
    ({ about, check, level, what, fix }): Line =>
      `${about} ${check} ${level}: ${what}${fix ? ` | ${fix}` : ''}`,
  );
}
