import { type RawSettings, type ResolvedSettings, resolveSettings } from './resolve-settings.js';
import { readSettingsFile } from './settings-file.js';

export interface Surroundings {
  /** From the command line; `settings` among them names the settings file. */
  readonly flags: RawSettings;
  /** The environment; `REEVE_SETTINGS` names the settings file if no flag does. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The working folder. */
  readonly folder: string;
}

/**
 * What is in force, the settings file included.
 *
 * @throws SettingsError that lists what cannot be used
 */
export function loadSettings({ flags, env, folder }: Surroundings): ResolvedSettings {
  const { settings: named, ...others } = flags;
  const file = readSettingsFile(named === undefined ? env.REEVE_SETTINGS : String(named), folder);
  return resolveSettings({ flags: others, env, ...(file && { file: file.entries }) });
}
