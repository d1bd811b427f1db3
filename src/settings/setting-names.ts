import { nearest } from '../domain/nearest.js';
import type { Setting } from './setting.js';
import { quoted } from './settings-error.js';
import { SETTINGS } from './table.js';

/** The names of all settings, in the order of the table. */
export const SETTING_NAMES: readonly string[] = Object.values<Setting<unknown>>(SETTINGS).map((s) => s.name);

/** What to say of a name that is no setting, without an end: with the one that was likely meant. */
export function unknownSetting(name: string): string {
  const meant = nearest(name, SETTING_NAMES);
  const help = meant === undefined ? 'reeve settings lists them' : `did you mean ${meant}?`;
  return `there is no setting ${quoted(name)}; ${help}`;
}
