import type { FullLimit, TurnFacts } from '../domain/limits/full-limit.js';
import { type KeyLimit, limitOf, limitsAnything, type OrgLimits } from '../domain/limits/org-limits.js';
import { NO_ORDER_TERMS } from '../matching/order-terms.js';
import type { RedisIndexOptions } from './index-options.js';
import type { KnownLane } from './picture.js';
import { loadScript } from './script.js';
import { type List, list } from './step.js';

const LIMIT_USES = loadScript('./scripts/limit-uses.lua', import.meta.url);

/** As `scripts/limit-uses.lua` tells them. */
interface Uses {
  readonly all: number;
  readonly rest: number;
  readonly busy: number;
  readonly slots: number;
  /** What runs is known. */
  readonly ready: boolean;
  /** How many are with agents, and when the rate lets another one go, if it is full. */
  readonly keys: List<readonly [number, number | false]>;
  /** What its key was served, and how many were served less. */
  readonly turn?: readonly [number, number];
}

/** What keeps a task from being given out now beside agents. */
export interface Against {
  readonly limits: readonly FullLimit[];
  readonly turn: TurnFacts | null;
}

/** @param part of its lane, as scripts name it */
export async function limitsAgainst(
  lane: KnownLane,
  part: string,
  { client, clock, ownTime, orderTerms = NO_ORDER_TERMS }: RedisIndexOptions,
): Promise<Against> {
  const { org } = lane.group;
  const limits = orderTerms.limitsOf(org);
  const [fairness = '', ...names] = part.split('|');
  const named = names.flatMap((key) => {
    const limit = limitOf(limits.keys, key);
    return limit ? [{ key, limit }] : [];
  });
  const asked = named.flatMap(({ key, limit: { rate } }) => [key, rate?.count ?? '', rate?.periodMs ?? '']);
  const now = ownTime ? clock.now() : '';
  const text = await client.run(LIMIT_USES, org, [now, lane.tasks.name, fairness, ...asked]);
  const uses = JSON.parse(String(text)) as Uses;
  const turn = uses.turn && { key: fairness || null, servedMs: uses.turn[0], less: uses.turn[1] };
  return { limits: fullOnes(limits, lane, named, uses), turn: turn ?? null };
}

function fullOnes(
  limits: OrgLimits,
  lane: KnownLane,
  named: readonly { readonly key: string; readonly limit: KeyLimit }[],
  { all, rest, busy, slots, ready, keys }: Uses,
): readonly FullLimit[] {
  const { maxConcurrent, maxBusyAgents, reservedSlots } = limits;
  if (limitsAnything(limits) && !ready) {
    const isLimited = maxConcurrent !== null || maxBusyAgents !== null || reservedSlots > 0;
    return isLimited || named.length > 0 ? [{ kind: 'UNKNOWN' }] : [];
  }
  const found: FullLimit[] = [];
  if (maxConcurrent !== null && all >= maxConcurrent) {
    found.push({ kind: 'ORG', inUse: all, most: maxConcurrent });
  }
  if (maxBusyAgents !== null && isBarred(lane)) {
    found.push({ kind: 'BUSY_AGENTS', inUse: busy, most: maxBusyAgents });
  }
  const most = Math.max(0, slots - reservedSlots);
  if (lane.band === 'OTHER' && reservedSlots > 0 && rest >= most) {
    found.push({ kind: 'RESERVED_SLOTS', reserved: reservedSlots, inUse: rest, most });
  }
  const told = list(keys);
  named.forEach(({ key, limit }, i) => {
    const [inUse, until] = told[i] ?? [0, false];
    if (limit.maxConcurrent !== null && inUse >= limit.maxConcurrent) {
      found.push({ kind: 'KEY', key, inUse, most: limit.maxConcurrent });
    } else if (limit.rate && until !== false) {
      found.push({ kind: 'RATE', key, most: limit.rate.count, periodMs: limit.rate.periodMs, until });
    }
  });
  return found;
}

/** Nobody takes it but agents that get nothing, as enough others are busy. */
function isBarred({ group: { free, eligible } }: KnownLane): boolean {
  if (free.size > 0) return false;
  for (const { agent, granted, assigned } of eligible) if (agent.isBarred && granted > assigned) return true;
  return false;
}
