import { loadSettings } from '../../settings/load-settings.js';
import { docOf, type Setting } from '../../settings/setting.js';
import { nearestSetting, noSetting, SETTING_NAMES } from '../../settings/setting-names.js';
import { formatSettingsFile } from '../../settings/settings-sample.js';
import { SETTINGS, type SettingKey } from '../../settings/table.js';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { type CliError, usageError } from '../failure.js';
import { SETTING_VIEW, type SettingRow } from '../output/setting-view.js';
import { SETTING_OPTIONS, settingFlags } from '../setting-options.js';
import { warnOfVariables } from '../warn-of-variables.js';

export const SETTINGS_SHOW: Command = {
  path: ['settings'],
  summary: "Show the server's settings that are in force, and what says so",
  detail: `Takes the same flags, variables and file as \`reeve dev\` and \`reeve serve\`, and shows what they would run with, passwords apart; asks no coordinator. The file is YAML (JSON is too), a setting a line, such as \`lease-ttl: 30s\`; relative names in it, like those in flags, start from the working folder.`,
  args: [{ name: 'NAME', doc: 'only these settings', optional: true, many: true, complete: SETTING_NAMES }],
  options: [
    { name: 'defaults', doc: 'print a settings file with every default, commented, to start with' },
    ...SETTING_OPTIONS,
  ],
  examples: [
    { line: 'reeve settings', doc: 'all of them' },
    { line: 'reeve settings lease-ttl port -o json', doc: 'two of them, for programs' },
    { line: 'reeve settings --defaults > reeve.yaml', doc: 'a file to start with' },
  ],
  local: true,
  run: async ({ given, world, out, talk }) => {
    const wanted = new Set(given.args);
    for (const name of wanted) if (!SETTING_NAMES.includes(name)) throw notThere(name);
    const isWanted = ({ name }: Setting<unknown>) => wanted.size === 0 || wanted.has(name);
    if (given.switched('defaults')) {
      await out.text(formatSettingsFile(Object.values<Setting<unknown>>(SETTINGS).filter(isWanted)));
      return EXIT.ok;
    }
    warnOfVariables({ world, talk });
    const inForce = loadSettings({ flags: settingFlags(given), env: world.env, folder: process.cwd() });
    const rows = Object.entries<Setting<unknown>>(SETTINGS)
      .filter(([, setting]) => isWanted(setting))
      .map(([key, setting]) =>
        rowOf(setting, inForce.values[key as SettingKey], inForce.origins[key as SettingKey]),
      );
    await out.many(SETTING_VIEW, rows, '');
    return EXIT.ok;
  },
};

function rowOf(
  setting: Setting<unknown>,
  value: unknown,
  { source, origin }: Pick<SettingRow, 'source' | 'origin'>,
): SettingRow {
  const { name, env, type, accepted } = setting;
  const written = setting.format(value);
  const isText = type === 'duration' || type === 'url';
  return {
    name,
    value: isText ? written : (value as SettingRow['value']),
    source,
    origin,
    written,
    default: setting.format(setting.default),
    env,
    accepted,
    doc: docOf(setting),
  };
}

function notThere(name: string): CliError {
  const meant = nearestSetting(name);
  return usageError(noSetting(name), meant ? `Did you mean ${meant}?` : 'List them: reeve settings');
}
