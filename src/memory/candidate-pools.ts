import { readPool } from '../domain/directory/pool.js';
import { unavailable } from '../domain/errors.js';
import type { CandidatePools } from '../ports/candidate-pools.js';
import type { Clock } from '../ports/clock.js';
import type { Directories } from '../ports/directories.js';
import type { Log } from '../ports/log.js';
import type { OrgRules } from '../ports/org-rules.js';
import { KnownPool } from './known-pool.js';
import { Turns } from './turns.js';

export interface CandidatePoolsOptions {
  readonly directories: Directories;
  readonly orgRules: OrgRules;
  readonly clock: Clock;
  readonly log: Log;
}

/** Pools that one coordinator keeps; those of more tasks have nobody, until others are not asked for any more. */
const MAX_POOLS = 1_000;
/** Pools that are read at once. */
const READS_AT_ONCE = 4;
/** How often those that nobody asks for are looked for, in ms; where there is no room for another, sooner. */
const SWEEP_MS = 600_000;
const CROWDED_SWEEP_MS = 10_000;

const TOO_MANY = 'too many pools of candidates are in use';

export interface RunningPools extends CandidatePools {
  /** Reads nothing any more. */
  stop(): void;
}

/** Pools by what their organisations' directories say, read anew when that may have changed. */
export function createCandidatePools(options: CandidatePoolsOptions): RunningPools {
  const { directories, orgRules, clock, log } = options;
  const byOrg = new Map<string, Map<string, KnownPool>>();
  const listeners: ((org: string) => void)[] = [];
  /** Organisations that had a pool too many. */
  const refused = new Set<string>();
  const turns = new Turns(READS_AT_ONCE);
  let size = 0;
  let sweptAt = clock.monotonic();
  let stopSweep = (): void => undefined;
  let isStopped = false;

  orgRules.onChanged(({ org }) => {
    for (const pool of byOrg.get(org)?.values() ?? []) pool.rulesChanged();
  });
  sweepLater();

  function changed(org: string): void {
    for (const listener of listeners) listener(org);
  }

  function find(org: string, text: string): KnownPool | null {
    const known = byOrg.get(org)?.get(text);
    if (known) return known;
    if (isStopped) return null;
    if (!hasRoom()) {
      refused.add(org);
      return null;
    }
    const query = readPool(text);
    const made = new KnownPool({
      ...{ org, clock, log },
      open: () => directories.of(org),
      read: (directory) => turns.take(() => directory.poolMembers(query)),
      onChanged: () => changed(org),
    });
    const ofOrg = byOrg.get(org) ?? new Map<string, KnownPool>();
    byOrg.set(org, ofOrg.set(text, made));
    size += 1;
    return made;
  }

  function hasRoom(): boolean {
    if (size < MAX_POOLS) return true;
    if (clock.monotonic() - sweptAt >= CROWDED_SWEEP_MS) {
      // Not at once: whoever asks may be in the middle of sorting agents.
      stopSweep();
      stopSweep = clock.after(0, sweep);
      sweptAt = clock.monotonic();
      log.warn({ pools: size }, 'too many pools of candidates are in use: nobody is in others');
    }
    return false;
  }

  function sweepLater(): void {
    stopSweep = clock.after(SWEEP_MS, sweep);
  }

  /** Who sorts agents by a pool asks again when it is told of a change; what nobody asks for then is forgotten. */
  function sweep(): void {
    for (const [org, pools] of byOrg) {
      for (const pool of pools.values()) pool.isUsed = false;
      changed(org);
      for (const [text, pool] of pools) {
        if (pool.isUsed) continue;
        pool.stop();
        pools.delete(text);
        size -= 1;
      }
      if (pools.size === 0) byOrg.delete(org);
    }
    sweptAt = clock.monotonic();
    if (!isStopped) sweepLater();
    const missed = [...refused];
    refused.clear();
    for (const org of missed) changed(org);
  }

  return {
    has: (org, pool, subjectId) => find(org, pool)?.has(subjectId) ?? false,
    async members(org, pool) {
      const known = find(org, pool);
      if (!known) throw unavailable('DIRECTORY_UNAVAILABLE', TOO_MANY);
      return known.members();
    },
    problem(org, pool) {
      const known = find(org, pool);
      return known ? known.problem : TOO_MANY;
    },
    onChanged: (listener) => void listeners.push(listener),
    stop() {
      isStopped = true;
      stopSweep();
      for (const pools of byOrg.values()) for (const pool of pools.values()) pool.stop();
      byOrg.clear();
    },
  };
}
