import type { Principal } from '../../domain/access/principal.js';
import { checkParameter } from '../../domain/config/check-parameter.js';
import { CONFIG_KEYS } from '../../domain/config/config-keys.js';
import { invalidArgument, ReeveError } from '../../domain/errors.js';
import type { JsonValue } from '../../domain/json.js';
import {
  type ConfigRecord,
  MAX_PARAMETER_LENGTH,
  MAX_PARAMETERS,
  type Put,
  type StoredParameter,
} from '../../ports/config-record.js';
import type { Ports } from '../ports.js';
import { asOfRules } from './as-of-rules.js';
import { checkReferences } from './check-references.js';

export interface ParameterChange {
  readonly key: string;
  /** What has to be there: a version, 0 for nothing, `null` for whatever it is. */
  readonly expected: number | null;
  readonly validateOnly: boolean;
}

/** A parameter as it is now; version 0: as it would be. */
export type ChangedParameter = StoredParameter;

/** Changes what an organisation has set, a parameter at a time. */
export interface ParameterChanges {
  /**
   * @throws INVALID_ARGUMENT for a key that nobody knows or a value that it does not take; ABORTED
   *   (ETAG_MISMATCH, RULES_CHANGED); RESOURCE_EXHAUSTED (TOO_MANY_PARAMETERS)
   */
  set(
    principal: Principal,
    change: ParameterChange & { readonly value: JsonValue },
  ): Promise<ChangedParameter>;
  /**
   * Answers what was set.
   *
   * @throws NOT_FOUND (CONFIG_NOT_FOUND); ABORTED (ETAG_MISMATCH, RULES_CHANGED); FAILED_PRECONDITION (CONFIG_IN_USE)
   */
  delete(principal: Principal, change: ParameterChange): Promise<StoredParameter>;
}

export function createParameterChanges({
  ports,
  config,
}: {
  readonly ports: Pick<Ports, 'policies' | 'expressions' | 'clock'>;
  readonly config: ConfigRecord;
}): ParameterChanges {
  async function found(org: string, key: string) {
    const all = await config.listParameters(org);
    return { current: all.find((parameter) => parameter.key === key) ?? null, count: all.length };
  }

  return {
    async set({ org, subject: actor }, { key, value, expected, validateOnly }) {
      const checked = checkParameter(key, value);
      if (!checked.ok) throw invalidArgument([{ field: checked.field, description: checked.problem }]);
      const check = () => checkReferences({ ...ports, config }, org, key, checked.value);
      if (!validateOnly) {
        const put = await asOfRules(org, async () => {
          const asOf = await check();
          return config.setParameter({ org, key, value: checked.value, expected, asOf, actor });
        });
        return putOrThrow(put, org, key);
      }
      await check();
      const { current, count } = await found(org, key);
      if (expected !== null && expected !== (current?.version ?? 0)) throw changedSince(org, key, current);
      if (!current && count >= MAX_PARAMETERS) throw tooMany(org, key);
      return { key, value: checked.value, version: 0, updateTime: ports.clock.now(), actor };
    },

    async delete({ org, subject: actor }, { key, expected, validateOnly }) {
      const check = () => refuseNeeded(config, org, key);
      if (!validateOnly) {
        const put = await asOfRules(org, async () => {
          const asOf = await check();
          return config.deleteParameter({ org, key, expected, asOf, actor });
        });
        return putOrThrow(put, org, key);
      }
      await check();
      const { current } = await found(org, key);
      if (!current) throw configNotFound(org, key);
      if (expected !== null && expected !== current.version) throw changedSince(org, key, current);
      return current;
    },
  };
}

export function configNotFound(org: string, key: string): ReeveError {
  const message = `parameter ${key} is not set in organisation ${org}`;
  return new ReeveError('NOT_FOUND', 'CONFIG_NOT_FOUND', message, { metadata: { key, org } });
}

/**
 * @returns the version of the rules of which it is so; `null`: it is so of all
 * @throws FAILED_PRECONDITION for the address of a directory that is in use
 */
async function refuseNeeded(config: ConfigRecord, org: string, key: string): Promise<number | null> {
  if (key !== CONFIG_KEYS.roleDirectoryAddress.key) return null;
  const other = CONFIG_KEYS.roleDirectory.key;
  const { version, parameters } = await config.readRules(org);
  if (!parameters.some((parameter) => parameter.key === other && parameter.value === 'remote'))
    return version;
  const message = `${key} is needed as long as ${other} is remote`;
  throw new ReeveError('FAILED_PRECONDITION', 'CONFIG_IN_USE', message, { metadata: { key, org } });
}

function putOrThrow(put: Put<StoredParameter> | null, org: string, key: string): StoredParameter {
  if (!put) throw configNotFound(org, key);
  if (put.kind === 'OK') return put.value;
  throw put.kind === 'CHANGED_SINCE' ? changedSince(org, key, put.found) : tooMany(org, key);
}

function tooMany(org: string, key: string): ReeveError {
  const message = `organisation ${org} has as many parameters as it may: ${MAX_PARAMETERS}, with ${MAX_PARAMETER_LENGTH} characters in all`;
  return new ReeveError('RESOURCE_EXHAUSTED', 'TOO_MANY_PARAMETERS', message, { metadata: { key, org } });
}

function changedSince(org: string, key: string, found: StoredParameter | null): ReeveError {
  const message = found
    ? `parameter ${key} of organisation ${org} is not as it was read: its etag is ${found.version} now`
    : `parameter ${key} of organisation ${org} is not as it was read: it is not set`;
  const etag = found ? { etag: String(found.version) } : {};
  return new ReeveError('ABORTED', 'ETAG_MISMATCH', message, { metadata: { key, org, ...etag } });
}
