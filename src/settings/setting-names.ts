import { nearest } from '../domain/nearest.js';
import type { Setting } from './setting.js';
import { quoted } from './settings-error.js';
import { SETTINGS } from './table.js';

/** The names of all settings, in the order of the table. */
export const SETTING_NAMES: readonly string[] = Object.values<Setting<unknown>>(SETTINGS).map((s) => s.name);

/** The setting that was most likely meant. */
export function nearestSetting(name: string): string | undefined {
  return nearest(name, SETTING_NAMES);
}

/** What to say of a name that is no setting. */
export function noSetting(name: string): string {
  return `there is no setting ${quoted(name)}`;
}

/** The same with the one that was likely meant. */
export function unknownSetting(name: string): string {
  const meant = nearestSetting(name);
  const help = meant === undefined ? 'reeve settings --defaults lists them' : `did you mean ${meant}?`;
  return `${noSetting(name)}; ${help}`;
}
