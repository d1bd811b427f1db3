import { randomUUID } from 'node:crypto';
import type { JsonValue } from '../../src/domain/json.js';
import type { Policy } from '../../src/domain/policies/policy.js';
import type { ConfigRecord, Put, RulesChanged } from '../../src/ports/config-record.js';
import type { Database } from '../../src/postgres/database.js';

export interface OpenedConfigRecord {
  /** To fill it. */
  readonly db: Pick<Database, 'exec'>;
  readonly config: ConfigRecord;
  close(): Promise<void>;
}

export type ConfigWorld = ReturnType<typeof worldOf>;

/** An organisation of its own. */
export function worldOf(opened: OpenedConfigRecord | undefined) {
  if (!opened) throw new Error('the record is not open');
  const { config, db } = opened;
  const org = `org-${randomUUID()}`;
  return {
    config,
    db,
    org,
    set: (key: string, value: JsonValue, expected: number | null = null, actor = 'ann') =>
      config.setParameter({ org, key, value, expected, asOf: null, actor }),
    kind: (name: string) => ({
      org,
      expected: null,
      actor: 'ann',
      jobKind: {
        org,
        kind: name,
        inputSchema: { type: 'object', required: ['url'] },
        requiredFields: ['goal', 'labels.team'],
        validate: 'task.tier == "LOW"',
        description: 'fetches',
        preemptible: true,
        actor: 'ann',
      },
    }),
    put: (policyId: string, more: Partial<Policy> = {}, expected: number | null = null) =>
      config.putPolicy({
        org,
        expected,
        actor: 'ann',
        policy: {
          org,
          policyId,
          kind: 'APPROVAL',
          rule: { kind: 'CEL', expression: 'true' },
          onError: 'DEFAULT',
          deadlineMs: null,
          description: '',
          actor: 'ann',
          ...more,
        },
      }),
  };
}

/** What was written. @throws Error if nothing was */
export function done<T>(put: Put<T> | RulesChanged | null): T {
  if (put?.kind !== 'OK') throw new Error(`not done: ${JSON.stringify(put)}`);
  return put.value;
}
