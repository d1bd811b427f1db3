import type { Setting } from './setting.js';
import { SETTINGS, type SettingKey, type Settings } from './table.js';

/** Settings that a running coordinator goes by as soon as they are read again. */
export const LIVE_SETTINGS: ReadonlySet<SettingKey> = new Set(['logLevel', 'loadBalancingStrategy']);

export interface SettingsChanges {
  /** Names of those that are in force at once. */
  readonly live: readonly string[];
  /** Names of those that wait for the next start. */
  readonly later: readonly string[];
}

/** What differs, by the names that people give. */
export function changesBetween(before: Settings, after: Settings): SettingsChanges {
  const changed = (Object.keys(SETTINGS) as SettingKey[]).filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
  const named = (keys: readonly SettingKey[]) => keys.map((key) => (SETTINGS[key] as Setting<unknown>).name);
  return {
    live: named(changed.filter((key) => LIVE_SETTINGS.has(key))),
    later: named(changed.filter((key) => !LIVE_SETTINGS.has(key))),
  };
}
