import type { Setting } from '../settings/setting.js';
import { DEFAULT_SETTINGS_FILE } from '../settings/settings-file.js';
import { SETTINGS } from '../settings/table.js';
import type { Option } from './command.js';
import type { Given } from './given.js';

const SETTINGS_FILE: Option = {
  name: 'settings',
  value: 'FILE',
  doc: 'file of settings in YAML; a flag or a variable wins over what it says',
  env: 'REEVE_SETTINGS',
  default: `${DEFAULT_SETTINGS_FILE} if it is there`,
  complete: 'file',
};

/** An option for the settings file, and one for each setting of the server. */
export const SETTING_OPTIONS: readonly Option[] = [
  SETTINGS_FILE,
  ...Object.values<Setting<unknown>>(SETTINGS).map(optionOf),
];

/** Those that a command goes by. */
export function settingOptionsOf(command: 'dev' | 'serve'): readonly Option[] {
  const settings = Object.values<Setting<unknown>>(SETTINGS);
  return [SETTINGS_FILE, ...settings.filter(({ only }) => !only || only === command).map(optionOf)];
}

/** Some of them, by name. */
export function settingOptions(names: readonly string[]): readonly Option[] {
  return [SETTINGS_FILE, ...SETTING_OPTIONS.filter(({ name }) => names.includes(name))];
}

function optionOf(setting: Setting<unknown>): Option {
  return {
    name: setting.name,
    doc: setting.doc.replace(/\.$/, ''),
    env: setting.env,
    default: setting.format(setting.default),
    ...(setting.type === 'switch' ? { negatable: true } : { value: setting.type.toUpperCase() }),
    ...(setting.choices && { choices: setting.choices }),
    ...(setting.name === 'data' && { complete: 'file' as const }),
  };
}

/** Those that were given, raw, by name. */
export function settingFlags(given: Given): Readonly<Record<string, string>> {
  const flags: Record<string, string> = {};
  for (const { name } of SETTING_OPTIONS) {
    const value = given.text(name) ?? given.switched(name)?.toString();
    if (value !== undefined) flags[name] = value;
  }
  return flags;
}
