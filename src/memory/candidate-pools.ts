import { readPool } from '../domain/directory/pool.js';
import { unavailable } from '../domain/errors.js';
import type { CandidatePools } from '../ports/candidate-pools.js';
import type { Clock } from '../ports/clock.js';
import type { Directories, Directory } from '../ports/directories.js';
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

/**
 * Pools that one coordinator keeps; those of more tasks have nobody, until others are not asked for any more.
 * Who has more than an equal part of them gives one up for an organisation that has less.
 */
const MAX_POOLS = 1_000;
/** Pools that are read at once from the record; and from the directory that an organisation serves itself. */
const READS_AT_ONCE = 4;
const REMOTE_READS_AT_ONCE = 2;
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
  const remoteTurns = new Map<string, Turns>();
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
    if (!hasRoom() && !makeRoomFor(org)) {
      refused.add(org);
      return null;
    }
    const query = readPool(text);
    const made = new KnownPool({
      ...{ org, clock, log },
      open: () => directories.of(org),
      read: (directory) => turnsOf(org, directory).take(() => directory.poolMembers(query)),
      onChanged: () => changed(org),
    });
    const ofOrg = byOrg.get(org) ?? new Map<string, KnownPool>();
    byOrg.set(org, ofOrg.set(text, made));
    size += 1;
    return made;
  }

  /** A directory of an organisation's own may be slow: only that waits for it. */
  function turnsOf(org: string, { cacheMs }: Directory): Turns {
    if (cacheMs === null) return turns;
    const own = remoteTurns.get(org) ?? new Turns(REMOTE_READS_AT_ONCE);
    remoteTurns.set(org, own);
    return own;
  }

  function makeRoomFor(org: string): boolean {
    const part = MAX_POOLS / (byOrg.has(org) ? byOrg.size : byOrg.size + 1);
    if ((byOrg.get(org)?.size ?? 0) + 1 > part) return false;
    const [most] = [...byOrg].sort(([, a], [, b]) => b.size - a.size);
    const [last] = most ? [...most[1]].slice(-1) : [];
    if (!most || !last) return false;
    const [text, pool] = last;
    pool.stop();
    most[1].delete(text);
    size -= 1;
    refused.add(most[0]);
    // Its agents are sorted by that pool still. Not at once, as below.
    clock.after(0, () => changed(most[0]));
    return true;
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
      if (pools.size > 0) continue;
      byOrg.delete(org);
      remoteTurns.delete(org);
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
