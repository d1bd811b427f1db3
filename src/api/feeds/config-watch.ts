import type { ConfigRecord, StoredParameter } from '../../ports/config-record.js';
import type { Ports } from '../../usecases/ports.js';
import { every } from './every.js';
import { OrgListeners } from './org-listeners.js';

export type ConfigStep =
  /** It is set, or was changed. */
  | StoredParameter
  | { readonly deletedKey: string }
  /** All that were set when the watch began have been told. */
  | 'SNAPSHOT_END'
  | 'SIGN_OF_LIFE';

export interface ConfigWatchers {
  /**
   * Follows the parameters of an organisation: those that are set, by key, then each that is set or deleted, here
   * or elsewhere. What changes again before the consumer asks is told of once. Never ends by itself; rejects while
   * the record is away.
   *
   * @param signal ends the watch, without an error
   */
  watch(org: string, prefix: string, signal: AbortSignal): AsyncGenerator<ConfigStep>;
}

const SIGN_OF_LIFE_MS = 10_000;

export function createConfigWatchers({
  config,
  ports,
}: {
  readonly config: Pick<ConfigRecord, 'listParameters'>;
  readonly ports: Pick<Ports, 'orgRules' | 'clock'>;
}): ConfigWatchers {
  const listeners = new OrgListeners<() => void>();
  let isListening = false;

  /** For good: there is one listener for all watches, however many come and go. */
  function listen(): void {
    if (isListening) return;
    isListening = true;
    ports.orgRules.onChanged(({ org }) => {
      for (const listener of listeners.of(org)) listener();
    });
  }

  async function* watch(org: string, prefix: string, signal: AbortSignal): AsyncGenerator<ConfigStep> {
    listen();
    /** Versions that were told of, by key: no more than an organisation may have. */
    let told = new Map<string, number>();
    let dirty = false;
    let lifeDue = false;
    let wake = () => {};
    const rouse = () => wake();
    const unlisten = listeners.add(org, () => {
      dirty = true;
      wake();
    });
    const stopSigns = every(ports.clock, SIGN_OF_LIFE_MS, () => {
      lifeDue = true;
      wake();
    });
    signal.addEventListener('abort', rouse);

    async function* changes(): AsyncGenerator<ConfigStep> {
      dirty = false;
      // Keeps its rules among those that are known, so that changes are noticed.
      ports.orgRules.known(org);
      const now = (await config.listParameters(org)).filter(({ key }) => key.startsWith(prefix));
      const before = told;
      told = new Map(now.map(({ key, version }) => [key, version]));
      for (const parameter of now) if (before.get(parameter.key) !== parameter.version) yield parameter;
      for (const key of before.keys()) if (!told.has(key)) yield { deletedKey: key };
    }

    try {
      yield* changes();
      yield 'SNAPSHOT_END';
      while (!signal.aborted) {
        if (dirty) yield* changes();
        else if (lifeDue) {
          lifeDue = false;
          yield 'SIGN_OF_LIFE';
          yield* changes();
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      stopSigns();
      signal.removeEventListener('abort', rouse);
      unlisten();
    }
  }

  return { watch };
}
