import type { JsonValue } from '@bufbuild/protobuf';
import { ConfigService } from '../gen/reeve/v1/config_service_pb.js';
import type { GrpcClient } from '../transport/grpc-client.js';
import type { Call } from './call.js';
import { listPages } from './pages.js';
import { jsonOrNull, type ParameterInfo, type ParameterUpdate, parameterInfo } from './parameter-info.js';
import { valueMessage } from './value-message.js';
import { watchConfig } from './watch-config.js';

/** A parameter as it holds. */
export interface EffectiveParameterInfo {
  readonly key: string;
  readonly value: JsonValue;
  /** Whether the organisation has set it; else `value` is the default. */
  readonly isSet: boolean;
  /** What it takes, for people: `duration, 0s to 48h`. */
  readonly type: string;
  readonly description: string;
  readonly defaultValue: JsonValue;
  /** The words that it takes, if these are all. */
  readonly choices: readonly string[];
}

export interface ParameterChangeOptions {
  /** As it was read; `*` for one that must not be there yet. ABORTED (ETAG_MISMATCH) if it is another now. */
  readonly etag?: string;
  /** Only check, and change nothing. Default false. */
  readonly validateOnly?: boolean;
}

export interface ParameterQuery {
  /** Only keys that begin with this. */
  readonly prefix?: string;
  /** At most this many; 0 is all of them. Default 0. */
  readonly limit?: number;
}

/**
 * The organisation's parameters, as `client.config`. What is set is in force on all coordinators within a second.
 * Every method throws `ReeveError`.
 */
export interface ConfigClient {
  /** NOT_FOUND (CONFIG_NOT_FOUND) if it is not set. */
  get(key: string): Promise<ParameterInfo>;
  /** INVALID_ARGUMENT for a key that nobody knows or a value that it does not take. */
  set(key: string, value: JsonValue, options?: ParameterChangeOptions): Promise<ParameterInfo>;
  /** Its default holds again. Answers it as it was; NOT_FOUND (CONFIG_NOT_FOUND) if it is not set. */
  delete(key: string, options?: ParameterChangeOptions): Promise<ParameterInfo>;
  /** Those that are set, by key. */
  list(query?: ParameterQuery): AsyncIterable<ParameterInfo>;
  /** Follows those that are set, without end. Survives reconnects. */
  watch(
    query?: Pick<ParameterQuery, 'prefix'>,
    options?: { readonly signal?: AbortSignal },
  ): AsyncIterable<ParameterUpdate>;
  /** All with the values that hold, by key: what is set, and defaults. */
  effective(query?: Pick<ParameterQuery, 'prefix'>): Promise<readonly EffectiveParameterInfo[]>;
}

const { method } = ConfigService;

export function createConfigClient(call: Call, grpc: GrpcClient): ConfigClient {
  return {
    get: async (key) => parameterInfo((await call(method.getConfig, { key })).parameter),
    async set(key, value, { etag = '', validateOnly = false } = {}) {
      const request = { key, value: valueMessage(value, ['value']), etag, validateOnly };
      return parameterInfo((await call(method.setConfig, request)).parameter);
    },
    async delete(key, { etag = '', validateOnly = false } = {}) {
      return parameterInfo((await call(method.deleteConfig, { key, etag, validateOnly })).parameter);
    },
    list: ({ prefix = '', limit } = {}) =>
      listPages(limit, async (page) => {
        const { parameters, nextPageToken } = await call(method.listConfig, { ...page, prefix });
        return { items: parameters.map(parameterInfo), nextPageToken };
      }),
    watch: ({ prefix = '' } = {}, { signal } = {}) => watchConfig(grpc, prefix, signal),
    async effective({ prefix = '' } = {}) {
      const { parameters } = await call(method.getEffectiveConfig, { prefix });
      return parameters.map(({ key, value, isSet, type, description, defaultValue, choices }) => ({
        ...{ key, isSet, type, description, choices },
        value: jsonOrNull(value),
        defaultValue: jsonOrNull(defaultValue),
      }));
    },
  };
}
