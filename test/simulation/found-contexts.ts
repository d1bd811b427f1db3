import { DEFAULT_ORG_CONFIG } from '../../src/domain/config/org-config.js';
import type { JsonValue } from '../../src/domain/json.js';
import type { ContextProvider } from '../../src/ports/context-provider.js';
import { emptySnapshot, NO_ORG_RULES, type OrgRules } from '../../src/ports/org-rules.js';

/** What is found for a query. */
export type Found = (name: string, query: JsonValue) => JsonValue;

/** A provider that is always there, and says of each query what was asked. */
export function foundContexts(
  found: Found = (_name, query) => query,
  onAsked: (queries: number) => void = () => {},
): ContextProvider {
  return {
    async query(_place, _asker, queries) {
      onAsked(queries.length);
      return { ok: true, values: queries.map(({ name, query }) => found(name, query)) };
    },
    stop() {},
  };
}

/** Organisations that have a provider, somewhere. */
export const WITH_PROVIDER: OrgRules = {
  ...NO_ORG_RULES,
  of: (org) => emptySnapshot(org, { ...DEFAULT_ORG_CONFIG, contextProviderAddress: 'found.example:443' }),
};
