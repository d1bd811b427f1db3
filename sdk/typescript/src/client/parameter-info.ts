import type { JsonValue } from '@bufbuild/protobuf';
import { timestampDate, type Value } from '@bufbuild/protobuf/wkt';
import type { ConfigParameter } from '../gen/reeve/v1/config_pb.js';
import { ReeveError } from '../transport/errors.js';
import { jsonOf } from './policy-decision.js';

/** One parameter of the organisation's configuration. */
export interface ParameterInfo {
  readonly key: string;
  readonly value: JsonValue;
  /** Changes whenever the value does; empty of one that was only checked. */
  readonly etag: string;
  /** When it was set; unset of one that was only checked. */
  readonly updateTime?: Date;
  /** The subject that set it. */
  readonly actor: string;
}

/** What a watch of parameters tells. */
export type ParameterUpdate =
  /** Takes the place of all that was told before. It comes first, and again after a reconnect. */
  | { readonly type: 'SNAPSHOT'; readonly parameters: readonly ParameterInfo[] }
  | { readonly type: 'SET'; readonly parameter: ParameterInfo }
  | { readonly type: 'DELETED'; readonly key: string };

export function parameterInfo(parameter: ConfigParameter | undefined): ParameterInfo {
  if (!parameter) {
    throw new ReeveError('the coordinator answered without the parameter', { code: 'INTERNAL' });
  }
  const { key, value, etag, updateTime, actorSubjectId: actor } = parameter;
  return {
    ...{ key, value: jsonOrNull(value), etag, actor },
    ...(updateTime && { updateTime: timestampDate(updateTime) }),
  };
}

export function jsonOrNull(value: Value | undefined): JsonValue {
  return value ? jsonOf(value) : null;
}
