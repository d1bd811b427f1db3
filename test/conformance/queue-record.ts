import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WHOLE_QUEUE } from '../../src/domain/queues/queue-part.js';
import { MAX_PAUSES, type QueuePause, type QueueRecord } from '../../src/ports/queue-record.js';

export interface OpenedQueueRecord {
  readonly queues: QueueRecord;
  close(): Promise<void>;
}

/** What every record of pauses must do. `open` is called once; tests live in orgs of their own. */
export function describeQueueRecord(name: string, open: () => Promise<OpenedQueueRecord>): void {
  describe(`the record of pauses on ${name}`, () => {
    let opened: OpenedQueueRecord | undefined;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());

    const setup = () => {
      if (!opened) throw new Error('the record is not open');
      const { queues } = opened;
      const org = `org-${randomUUID()}`;
      const pause = (part: QueuePause['part'], reason = 'why', actor = 'ann') =>
        queues.pauseQueue({ org, part, reason, actor });
      return { queues, org, pause };
    };

    test('keeps what is paused, by whom and why; a second pause changes nothing', async () => {
      const { queues, org, pause } = setup();
      const part = { tier: 'LOW', kind: 'crawl' } as const;
      const first = await pause(part);
      expect(first).toMatchObject({ org, part, reason: 'why', actor: 'ann' });
      expect(await pause(part, 'again', 'bob')).toEqual(first);
      const whole = await pause(WHOLE_QUEUE);
      expect(await queues.listPauses(org)).toEqual([whole, first]);
      expect(await queues.listPauses('other')).toEqual([]);
    });

    test('a resume ends exactly its part, once', async () => {
      const { queues, org, pause } = setup();
      const kind = await pause({ tier: null, kind: 'crawl' });
      const both = await pause({ tier: 'LOW', kind: 'crawl' });
      expect(await queues.resumeQueue(org, { tier: null, kind: 'crawl' })).toEqual(kind);
      expect(await queues.resumeQueue(org, { tier: null, kind: 'crawl' })).toBeNull();
      expect(await queues.listPauses(org)).toEqual([both]);
    });

    test('an organisation may have so many, and all are found page by page', async () => {
      const { queues, org, pause } = setup();
      for (let i = 0; i < MAX_PAUSES; i += 100) {
        await Promise.all(Array.from({ length: 100 }, (_, j) => pause({ tier: null, kind: `k${i + j}` })));
      }
      expect(await pause({ tier: null, kind: 'more' })).toBeNull();
      expect(await pause({ tier: null, kind: 'k7' })).not.toBeNull();
      const found: QueuePause[] = [];
      for (let after: QueuePause | null = null; ; ) {
        const page: readonly QueuePause[] = await queues.listAllPauses(after, 300);
        found.push(...page.filter((p) => p.org === org));
        after = page.at(-1) ?? null;
        if (page.length < 300) break;
      }
      expect(new Set(found.map(({ part }) => part.kind)).size).toBe(MAX_PAUSES);
    });
  });
}
