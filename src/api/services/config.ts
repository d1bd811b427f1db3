import type { ConfigService } from '@reeve/sdk/protocol';
import { configNotFound, createParameterChanges } from '../../usecases/config/change-parameter.js';
import type { Handlers } from '../call.js';
import { createConfigWatchers } from '../feeds/config-watch.js';
import { linkSignals } from '../link-signals.js';
import { effectiveParameters, toDomainValue, toProtoParameter } from '../mapping/config.js';
import { expectedVersion } from '../mapping/version-etag.js';
import { CURSORS, cursorOf, pageTokenOf } from '../page-token.js';
import { type Context, shuttingDown } from './context.js';

type Names = 'getConfig' | 'setConfig' | 'deleteConfig' | 'listConfig' | 'watchConfig' | 'getEffectiveConfig';

export function configHandlers(context: Context): Pick<Handlers<typeof ConfigService>, Names> {
  const { config, ports, closing, serverConfig } = context;
  const changes = createParameterChanges({ ports, config });
  const watchers = createConfigWatchers({ config, ports });

  return {
    async getConfig({ org }, { key }) {
      const found = (await config.listParameters(org)).find((parameter) => parameter.key === key);
      if (!found) throw configNotFound(org, key);
      return { parameter: toProtoParameter(found) };
    },

    async setConfig(principal, { key, value, etag, validateOnly }) {
      const change = { key, value: toDomainValue(value), expected: expectedVersion(etag), validateOnly };
      return { parameter: toProtoParameter(await changes.set(principal, change)) };
    },

    async deleteConfig(principal, { key, etag, validateOnly }) {
      const change = { key, expected: expectedVersion(etag), validateOnly };
      return { parameter: toProtoParameter(await changes.delete(principal, change)) };
    },

    async listConfig({ org }, { prefix, pageSize, pageToken }) {
      const question = ['ListConfig', org, prefix];
      const after = cursorOf(question, pageToken, CURSORS.TEXT) ?? '';
      const limit = pageSize || 100;
      const chosen = (await config.listParameters(org)).filter(
        ({ key }) => key > after && key.startsWith(prefix),
      );
      const page = chosen.slice(0, limit);
      const last = page.at(-1);
      return {
        parameters: page.map(toProtoParameter),
        nextPageToken: chosen.length > limit && last ? pageTokenOf(question, last.key) : '',
      };
    },

    async *watchConfig({ org }, { prefix }, call) {
      const linked = linkSignals([call.signal, closing]);
      try {
        for await (const step of watchers.watch(org, prefix, linked.signal)) {
          if (step === 'SIGN_OF_LIFE') yield {};
          else if (step === 'SNAPSHOT_END') yield { event: { case: 'snapshotEnd', value: true } };
          else if ('deletedKey' in step) yield { event: { case: 'deletedKey', value: step.deletedKey } };
          else yield { event: { case: 'parameter', value: toProtoParameter(step) } };
        }
      } finally {
        linked.release();
      }
      if (closing.aborted && !call.signal.aborted) throw shuttingDown();
    },

    async getEffectiveConfig({ org }, { prefix }) {
      const { config: inForce } = await ports.orgRules.of(org);
      const all = effectiveParameters(inForce.values, serverConfig());
      return { parameters: all.filter(({ key = '' }) => key.startsWith(prefix)) };
    },
  };
}
