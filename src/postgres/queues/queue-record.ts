import type { Tier } from '../../domain/tasks/tier.js';
import { MAX_PAUSES, type QueuePause, type QueueRecord } from '../../ports/queue-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';

const PAUSE_QUEUE = loadStatement('./pause-queue.sql', import.meta.url);
const RESUME_QUEUE = loadStatement('./resume-queue.sql', import.meta.url);
const LIST_PAUSES = loadStatement('./list-pauses.sql', import.meta.url);
const LIST_ALL_PAUSES = loadStatement('./list-all-pauses.sql', import.meta.url);

interface Row {
  readonly org: string;
  /** Empty: any; so is `kind`. */
  readonly tier: Tier | '';
  readonly kind: string;
  readonly reason: string;
  readonly actor: string;
  readonly pause_time: number;
}

/** The record of pauses in Postgres. */
export function createQueueRecord(db: Database): QueueRecord {
  return {
    async pauseQueue({ org, part, reason, actor }) {
      const values = [org, part.tier ?? '', part.kind ?? '', reason, actor, MAX_PAUSES];
      const [row] = await db.write<Row>(PAUSE_QUEUE, values);
      return row ? decode(row) : null;
    },
    async resumeQueue(org, part) {
      const [row] = await db.write<Row>(RESUME_QUEUE, [org, part.tier ?? '', part.kind ?? '']);
      return row ? decode(row) : null;
    },
    async listPauses(org) {
      return (await db.read<Row>(LIST_PAUSES, [org, MAX_PAUSES])).map(decode);
    },
    async listAllPauses(after, limit) {
      const values = [after?.org ?? '', after?.part.tier ?? '', after?.part.kind ?? '', limit];
      return (await db.read<Row>(LIST_ALL_PAUSES, values)).map(decode);
    },
  };
}

function decode({ org, tier, kind, reason, actor, pause_time: pauseTime }: Row): QueuePause {
  return { org, part: { tier: tier || null, kind: kind || null }, reason, actor, pauseTime };
}
