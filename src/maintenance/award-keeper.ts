import type { AwardCursor } from '../ports/auction-record.js';
import { learnFromAwards } from '../usecases/auctions/learn-from-awards.js';
import type { Ports } from '../usecases/ports.js';
import type { Service } from './service.js';
import { createTicker } from './ticker.js';

const BATCH = 500;

/**
 * Sees what came of tasks that auctions gave to agents, a page of them at a time in a circle, and keeps what that tells
 * of the bidders.
 */
export function createAwardKeeper({ auctions, clock, log }: Ports, everyMs = 1_000): Service {
  let cursor: AwardCursor | null = null;
  return createTicker({
    name: 'award-keeper',
    clock,
    log,
    everyMs,
    async tick() {
      const page = await auctions.listEndedAwards(cursor, BATCH);
      await learnFromAwards(auctions, page.ended, clock.now());
      cursor = page.cursor;
      return cursor !== null && page.ended.length > 0;
    },
  });
}
