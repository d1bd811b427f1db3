import { directoryInForce } from './memory/directory-in-force.js';
import { createOrgRules, type LiveOrgRules } from './memory/org-rules.js';
import { rulesInForce } from './memory/rules-in-force.js';
import type { Clock } from './ports/clock.js';
import type { ConfigRecord } from './ports/config-record.js';
import type { DirectoryRecord } from './ports/directory-record.js';
import type { Log } from './ports/log.js';
import type { Relay } from './ports/relay.js';
import { createConfigRecord } from './postgres/config/config-record.js';
import type { Database } from './postgres/database.js';
import { createDirectoryRecord } from './postgres/directory/directory-record.js';

export interface LinkedRulesOptions {
  readonly db: Database;
  readonly relay: Relay;
  readonly clock: Clock;
  readonly log: Log;
}

/** What organisations have set, of one coordinator among several. */
export interface LinkedRules {
  readonly orgRules: LiveOrgRules;
  /** What is changed by these is in force here before it is answered. */
  readonly records: { readonly config: ConfigRecord; readonly directory: DirectoryRecord };
}

/** Puts together what coordinators of one installation share of what organisations have set, and reads it. */
export async function linkRules({ db, relay, clock, log }: LinkedRulesOptions): Promise<LinkedRules> {
  const config = createConfigRecord(db);
  const orgRules = createOrgRules({ record: config, relay, clock, log });
  await orgRules.load();
  return {
    orgRules,
    records: {
      config: rulesInForce(config, orgRules),
      directory: directoryInForce(createDirectoryRecord(db), orgRules),
    },
  };
}
