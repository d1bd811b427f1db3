import { orgConfigFrom } from '../domain/config/org-config-from.js';
import type { Clock } from '../ports/clock.js';
import type { ConfigRecord, StoredRules } from '../ports/config-record.js';
import { MAX_CHANGED } from '../ports/config-record.js';
import type { Log } from '../ports/log.js';
import { emptySnapshot, type OrgRules, type OrgSnapshot } from '../ports/org-rules.js';
import type { Relay } from '../ports/relay.js';
import { KnownRules, type Rules } from './known-rules.js';

/** How long before the last look at the record a change may have been made that was not yet to be seen then. */
const LATE_MS = 60_000;
/** How soon after a read what others tell of is read again at the earliest; looks at the record see to the rest. */
const REREAD_MS = 200;
const EVER_MS = 100 * 365 * 86_400_000;
/** Organisations that are read at a time, and at a start. */
const AT_ONCE = 8;
const MAX_LOADED = 1_000;

export interface OrgRulesOptions {
  readonly record: Pick<ConfigRecord, 'readRules' | 'changedVersions'>;
  readonly relay: Relay;
  readonly clock: Clock;
  readonly log: Log;
  /** Organisations that are kept; those that were asked for the longest ago go. Default 10,000. */
  readonly maxOrgs?: number;
  /** Characters of what they have set that are kept in all. Default 256 Mi. */
  readonly maxLength?: number;
}

/** What organisations have set, kept in memory and made anew when the record has another version. */
export interface LiveOrgRules extends OrgRules {
  /** Reads what was changed last, so that `known` knows it. Rejects while the record is away. */
  load(): Promise<void>;
  /** Looks in the record what has changed. To be called twice a second; rejects while the record is away. */
  look(): Promise<void>;
}

export function createOrgRules(options: OrgRulesOptions): LiveOrgRules {
  const { record, relay, clock, log, maxOrgs = 10_000, maxLength = 256 * 1024 * 1024 } = options;
  const known = new KnownRules({ maxOrgs, maxLength });
  const listeners: ((snapshot: OrgSnapshot) => void)[] = [];
  /** Monotonic ms of the last look that was answered. */
  let lookedAt: number | null = null;

  relay.on('rules', ({ org, version }) => {
    const rules = known.get(org);
    if (!rules || rules.snapshot?.version === version) return;
    rules.isStale = true;
    if (clock.monotonic() - rules.readAt >= REREAD_MS) readQuietly(rules);
  });

  /** One read at a time; who asks during one waits for the next, which sees what was written until now. */
  function read(rules: Rules): Promise<OrgSnapshot> {
    if (!rules.reading) return begin(rules);
    rules.next ??= rules.reading
      .catch(() => undefined)
      .then(() => {
        rules.next = null;
        return begin(rules);
      });
    return rules.next;
  }

  function begin(rules: Rules): Promise<OrgSnapshot> {
    rules.readAt = clock.monotonic();
    // What is told of from here on is not in what is read.
    rules.isStale = false;
    const reading = record.readRules(rules.org).then((stored) => take(rules, stored));
    rules.reading = reading;
    const over = () => {
      if (rules.reading === reading) rules.reading = null;
    };
    reading.then(over, () => {
      over();
      rules.isStale = true;
    });
    return reading;
  }

  function take(rules: Rules, stored: StoredRules): OrgSnapshot {
    if (rules.snapshot?.version === stored.version) return rules.snapshot;
    const { config, refused } = orgConfigFrom(stored.parameters);
    const told = refused.join();
    if (told !== '' && told !== rules.refused) {
      log.warn(
        { org: rules.org, keys: refused },
        'parameters are set to what they do not take; defaults hold',
      );
    }
    const snapshot: OrgSnapshot = {
      org: rules.org,
      version: stored.version,
      config,
      policies: new Map(stored.policies.map((policy) => [policy.policyId, policy])),
      jobKinds: new Map(stored.jobKinds.map((jobKind) => [jobKind.kind, jobKind])),
    };
    rules.snapshot = snapshot;
    rules.refused = told;
    known.measure(rules, lengthOf(stored));
    for (const listener of listeners) {
      try {
        listener(snapshot);
      } catch (error) {
        log.error({ err: error, org: rules.org }, 'a change of rules could not be followed');
      }
    }
    return snapshot;
  }

  function readQuietly(rules: Rules): void {
    read(rules).catch((error: unknown) => {
      log.debug({ err: error, org: rules.org }, 'rules could not be read; those that are known hold');
    });
  }

  /** Reads all, some at a time; the first failure ends it. */
  async function readAll(all: readonly Rules[]): Promise<void> {
    for (let at = 0; at < all.length; at += AT_ONCE) {
      await Promise.all(all.slice(at, at + AT_ONCE).map(read));
    }
  }

  return {
    of(org) {
      const rules = known.use(org);
      return rules.snapshot ?? rules.reading ?? begin(rules);
    },
    known(org) {
      const rules = known.use(org);
      if (rules.snapshot) return rules.snapshot;
      if (!rules.reading && clock.monotonic() - rules.readAt >= REREAD_MS) readQuietly(rules);
      return emptySnapshot(org);
    },
    all: () => [...known.all()].flatMap(({ snapshot }) => snapshot ?? []),
    async changed(org) {
      const rules = known.use(org);
      try {
        const { version } = await read(rules);
        relay.send('rules', { org, version });
      } catch (error) {
        log.debug({ err: error, org }, 'a change that was made here could not be read');
      }
    },
    onChanged(listener) {
      listeners.push(listener);
    },
    async load() {
      lookedAt = clock.monotonic();
      const all = await record.changedVersions(EVER_MS);
      await readAll([...all.keys()].slice(0, Math.min(MAX_LOADED, maxOrgs)).map((org) => known.use(org)));
    },
    async look() {
      const began = clock.monotonic();
      const withinMs = LATE_MS + (lookedAt === null ? LATE_MS : began - lookedAt);
      const changed = await record.changedVersions(Math.ceil(withinMs));
      const isCut = changed.size >= MAX_CHANGED;
      const stale = [...known.all()].filter((rules) => {
        if (!rules.snapshot) return false;
        const version = changed.get(rules.org) ?? (isCut ? null : rules.snapshot.version);
        return rules.isStale || version !== rules.snapshot.version;
      });
      await readAll(stale);
      lookedAt = began;
      known.newRound();
    },
  };
}

function lengthOf({ parameters, policies, jobKinds }: StoredRules): number {
  return JSON.stringify([parameters, policies, jobKinds]).length;
}
