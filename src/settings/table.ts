import { AGENT_SETTINGS } from './agent-settings.js';
import { DOOR_SETTINGS } from './door-settings.js';
import { FLEET_SETTINGS } from './fleet-settings.js';
import { type Setting, text, toggle } from './setting.js';
import { TASK_SETTINGS } from './task-settings.js';

/**
 * Every setting of the server. A flag wins over its environment variable, that over the
 * settings file, that over the default. Names of variables and flags follow from the first
 * column: `lease-ttl` is `REEVE_LEASE_TTL`, `--lease-ttl`, and `lease-ttl:` in the file.
 */
export const SETTINGS = {
  ...DOOR_SETTINGS,
  ...AGENT_SETTINGS,
  ...TASK_SETTINGS,
  ...FLEET_SETTINGS,
  reflection: toggle('reflection', true, 'Whether gRPC server reflection is served.'),
  failpoints: text(
    'failpoints',
    '',
    'For tests: where the process ends, freezes or loses a reply, for example settle.after-commit=exit@40.',
    'point=action@n, separated by semicolons, where action is exit, freeze or lose',
    /^(\s*[a-z][a-z.-]*=(exit|freeze|lose)(@[1-9]\d{0,8})?\s*(;|$))*$/,
  ),
} as const;

type Table = typeof SETTINGS;

/** The name of a setting in code; names of durations end in their unit. */
export type SettingKey = keyof Table;

/** All settings, checked. Durations are in ms. */
export type Settings = {
  readonly [K in SettingKey]: Table[K] extends Setting<infer T> ? T : never;
};
