import type { Setting } from './setting.js';
import { SETTING_NAMES, unknownSetting } from './setting-names.js';
import { type SettingProblem, SettingsError } from './settings-error.js';
import type { Entries } from './settings-text.js';
import { SETTINGS, type SettingKey, type Settings } from './table.js';

/** Raw values by the name of the setting (`lease-ttl`). */
export type RawSettings = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SettingLayers {
  /** From the command line. */
  readonly flags?: RawSettings;
  /** The environment, by the name of the variable (`REEVE_LEASE_TTL`); an empty one is unset. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** From a file. */
  readonly file?: Entries;
}

export type SettingSource = 'flag' | 'environment' | 'file' | 'default';

/** Where a value came from: `{ source: 'environment', origin: 'REEVE_PORT' }`. */
export interface SettingOrigin {
  readonly source: SettingSource;
  /** As the person knows it: flag, variable, or file, line and column; empty for a default. */
  readonly origin: string;
}

export interface ResolvedSettings {
  readonly values: Settings;
  readonly origins: Readonly<Record<SettingKey, SettingOrigin>>;
}

interface Found extends SettingOrigin {
  readonly raw: string;
}

type Layer = (setting: Setting<unknown>) => Found | undefined;

/**
 * What is in force: for every setting the first of flag, environment, file and default
 * that says something.
 *
 * @throws SettingsError that lists every value that is not accepted, and every name in
 *   `flags` that is no setting
 */
export function resolveSettings(layers: SettingLayers): ResolvedSettings {
  const { flags = {}, env = {}, file } = layers;
  const order: readonly Layer[] = [
    (s) => found('flag', s.flag, flags[s.name]),
    (s) => found('environment', s.env, env[s.env] || undefined),
    (s) => found('file', file?.get(s.name)?.at ?? '', file?.get(s.name)?.raw),
  ];
  const problems: SettingProblem[] = unknown(flags);
  const values: Record<string, unknown> = {};
  const origins: Record<string, SettingOrigin> = {};

  for (const [key, setting] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const hit = first(order, setting);
    values[key] = hit ? setting.parse(hit.raw) : setting.default;
    origins[key] = { source: hit?.source ?? 'default', origin: hit?.origin ?? '' };
    if (hit && values[key] === undefined) {
      const { name, accepted, secret } = setting;
      const origin = hit.source === 'file' ? `${hit.origin}: ${name}` : hit.origin;
      problems.push(
        secret
          ? { origin, fault: `what is given is not accepted (nor shown), expected ${accepted}` }
          : { name, origin, value: hit.raw, accepted },
      );
    }
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return { values: values as Settings, origins: origins as ResolvedSettings['origins'] };
}

function first(order: readonly Layer[], setting: Setting<unknown>): Found | undefined {
  for (const layer of order) {
    const hit = layer(setting);
    if (hit) return hit;
  }
  return undefined;
}

function found(source: SettingSource, origin: string, raw: RawSettings[string]): Found | undefined {
  return raw === undefined ? undefined : { source, origin, raw: String(raw) };
}

function unknown(flags: RawSettings): SettingProblem[] {
  return Object.entries(flags)
    .filter(([name, raw]) => raw !== undefined && !SETTING_NAMES.includes(name))
    .map(([name]) => ({ origin: `--${name}`, fault: unknownSetting(name) }));
}
