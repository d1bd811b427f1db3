import { fromJson, type MessageInitShape } from '@bufbuild/protobuf';
import { type Value, ValueSchema } from '@bufbuild/protobuf/wkt';
import type { ConfigParameterSchema, EffectiveParameterSchema } from '@reeve/sdk/protocol';
import type { ConfigKey } from '../../domain/config/config-key.js';
import { KNOWN_KEYS } from '../../domain/config/config-keys.js';
import type { JsonObject, JsonValue } from '../../domain/json.js';
import type { StoredParameter } from '../../ports/config-record.js';
import { jsonTextOf } from './payload.js';
import { timestampOf } from './time.js';

/** A Value that has passed its constraints. */
export function toDomainValue(value: Value | undefined): JsonValue {
  return value ? (JSON.parse(jsonTextOf(value)) as JsonValue) : null;
}

export function toProtoValue(value: JsonValue): Value {
  return fromJson(ValueSchema, value as Parameters<typeof fromJson>[1]);
}

/** Version 0: it is not stored yet. */
export function toProtoParameter({
  key,
  value,
  version,
  updateTime,
  actor,
}: StoredParameter): MessageInitShape<typeof ConfigParameterSchema> {
  return {
    key,
    value: toProtoValue(value),
    etag: etagOf(version),
    actorSubjectId: actor,
    ...(version > 0 && { updateTime: timestampOf(updateTime) }),
  };
}

/**
 * All parameters with the values that hold, by key.
 *
 * @param set what the organisation has set, by key
 * @param server what holds where the default leaves it to the server
 */
export function effectiveParameters(
  set: JsonObject,
  server: JsonObject,
): MessageInitShape<typeof EffectiveParameterSchema>[] {
  const free = Object.keys(set).filter((key) => !KNOWN_KEYS.has(key));
  return [...KNOWN_KEYS.keys(), ...free].sort().map((key) => {
    const known = KNOWN_KEYS.get(key);
    const isSet = Object.hasOwn(set, key);
    if (!known) return { key, value: toProtoValue(set[key] ?? null), isSet, type: 'any JSON' };
    const defaultValue = server[key] ?? formatted(known, known.default);
    const parsed = isSet ? known.parse(set[key] ?? null) : undefined;
    return {
      key,
      value: toProtoValue(parsed === undefined ? defaultValue : formatted(known, parsed)),
      isSet,
      type: known.type,
      description: known.doc,
      choices: [...(known.choices ?? [])],
      defaultValue: toProtoValue(defaultValue),
    };
  });
}

function formatted({ format }: ConfigKey<unknown>, value: unknown): JsonValue {
  return value === null ? null : format(value);
}

/** Version 0: of what is not stored yet. */
export function etagOf(version: number): string {
  return version > 0 ? String(version) : '';
}
