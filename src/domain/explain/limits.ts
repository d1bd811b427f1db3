import { formatDuration } from '../duration.js';
import type { FullLimit, TurnFacts } from '../limits/full-limit.js';
import type { Blocker, Effect } from './explanation.js';
import { at, count } from './words.js';

const STARTS: Effect = { kind: 'STARTS' };

/** A limit that keeps a task from starting, and what would let it. */
export function fullLimit(limit: FullLimit): Blocker {
  const text = `${limitText(limit)}.`;
  switch (limit.kind) {
    case 'UNKNOWN':
      return { text, change: { kind: 'CHOOSE_AGENT' }, effect: STARTS };
    case 'RATE':
      return { text, change: { kind: 'WAIT_UNTIL', time: limit.until }, effect: STARTS };
    case 'KEY': {
      const change = { kind: 'SET_LIMIT', parameter: 'limits', key: limit.key, to: limit.inUse + 1 } as const;
      return { text, change, effect: STARTS };
    }
    case 'RESERVED_SLOTS': {
      const to = Math.max(0, limit.reserved - (limit.inUse + 1 - limit.most));
      return {
        text,
        change: { kind: 'SET_LIMIT', parameter: 'reserved_slots', key: '', to },
        effect: STARTS,
      };
    }
    default: {
      const parameter = limit.kind === 'ORG' ? 'max_concurrent' : 'max_busy_agents';
      const change = { kind: 'SET_LIMIT', parameter, key: '', to: limit.inUse + 1 } as const;
      return { text, change, effect: STARTS };
    }
  }
}

/** In a sentence without its end. */
export function limitText(limit: FullLimit): string {
  switch (limit.kind) {
    case 'UNKNOWN':
      return 'What runs is being found out, and nothing limited is given out until it is known';
    case 'ORG':
      return `max_concurrent is reached: ${of(limit)} with agents`;
    case 'BUSY_AGENTS':
      return `max_busy_agents is reached: ${of(limit)} busy, and none of these takes it`;
    case 'RESERVED_SLOTS':
      return `reserved_slots keeps ${count(limit.reserved, 'slot')} for people: other tasks have ${of(limit)} that are left`;
    case 'KEY':
      return `The limit ${limit.key} is full: ${of(limit)} with agents, and each that ends makes room`;
    case 'RATE':
      return `The limit ${limit.key} has had its ${count(limit.most, 'start')} in ${formatDuration(limit.periodMs)}: the next is at ${at(limit.until)}`;
  }
}

/** `null`: it is its turn. */
export function turnText({ key, servedMs, less }: TurnFacts): string | null {
  if (less === 0) return null;
  const whose = key === null ? 'Tasks without a fairness key were' : `Its fairness key ${key} was`;
  const others = less === 1 ? 'one that waits was' : `${less} that wait were`;
  return `${whose} served ${formatDuration(Math.round(servedMs / 1_000) * 1_000)} of slots here, and ${others} served less and go first.`;
}

function of({ inUse, most }: { readonly inUse: number; readonly most: number }): string {
  return `${inUse} of ${most}`;
}
