import type { Tier } from '../tasks/tier.js';

/** A part of an organisation's queue. `null` is no condition; both: all of it. */
export interface QueuePart {
  readonly tier: Tier | null;
  readonly kind: string | null;
}

export const WHOLE_QUEUE: QueuePart = { tier: null, kind: null };

/** Whether tasks of this kind and tier are in the part. */
export function covers(part: QueuePart, kind: string, tier: Tier): boolean {
  return (part.tier === null || part.tier === tier) && (part.kind === null || part.kind === kind);
}

/** One string a part. */
export function partKey({ tier, kind }: QueuePart): string {
  return `${tier ?? ''} ${kind ?? ''}`;
}
