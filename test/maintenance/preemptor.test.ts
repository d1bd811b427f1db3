import { describe, expect, test } from 'vitest';
import { DEFAULT_ORG_CONFIG, type OrgConfig } from '../../src/domain/config/org-config.js';
import { createPreemptor } from '../../src/maintenance/preemptor.js';
import { emptySnapshot, type OrgSnapshot } from '../../src/ports/org-rules.js';
import type { PreemptOutcome, PreemptRequest } from '../../src/ports/task-record.js';
import type { Victim } from '../../src/ports/victim-choice.js';
import type { Ports } from '../../src/usecases/ports.js';
import { FakeClock } from '../support/fake-clock.js';
import { SILENT } from '../support/pglite-record.js';

const LOOK_MS = 250;

function rules(org: string, kinds: readonly string[], config: Partial<OrgConfig> = {}): OrgSnapshot {
  const jobKinds = new Map(kinds.map((kind) => [kind, { kind, preemptible: kind.startsWith('p') }]));
  return { ...emptySnapshot(org, { ...DEFAULT_ORG_CONFIG, ...config }), jobKinds } as unknown as OrgSnapshot;
}

/** @param waiting by organisation, what the index names in turn @param refuses what the record says no to */
function setup(
  known: readonly OrgSnapshot[],
  waiting: Record<string, string[]>,
  refuses: readonly string[] = [],
) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const requests: PreemptRequest[] = [];
  const refused: string[] = [];
  let listener: (snapshot: OrgSnapshot) => void = () => undefined;
  const byOrg = new Map(known.map((snapshot) => [snapshot.org, snapshot]));
  const ports = {
    ...{ clock, log: SILENT },
    record: {
      async preemptTasks(batch: readonly PreemptRequest[]): Promise<readonly PreemptOutcome[]> {
        requests.push(...batch);
        return batch.map(({ taskId }) =>
          refuses.includes(taskId)
            ? { kind: 'TOO_OFTEN' }
            : { kind: 'OK', change: {} as never, agentId: 'a', changed: true },
        );
      },
    },
    index: {
      async takeVictims(org: string, { kinds }: { kinds: ReadonlySet<string> }): Promise<readonly Victim[]> {
        asked.push(`${org}: ${[...kinds].join(' ')}`);
        if (org === 'broken') throw new Error('a defect');
        const taskId = waiting[org]?.shift();
        return taskId
          ? [{ org, taskId, epoch: 1, agentId: 'a', sessionId: 's', forTaskId: `for-${taskId}` }]
          : [];
      },
      refuseVictims: async (_: string, victims: readonly Victim[]) =>
        void refused.push(...victims.map(({ taskId }) => taskId)),
      hintLeases: async () => undefined,
    },
    sessions: { cancel: () => undefined },
    changes: { publish: () => undefined },
    orgRules: {
      known: (org: string) => byOrg.get(org) ?? emptySnapshot(org),
      all: () => byOrg.values(),
      onChanged: (heard: typeof listener) => {
        listener = heard;
      },
    },
  } as unknown as Ports;
  const preemptor = createPreemptor(ports);
  return {
    ...{ asked, requests, refused, preemptor },
    change(snapshot: OrgSnapshot) {
      byOrg.set(snapshot.org, snapshot);
      listener(snapshot);
    },
    async look() {
      asked.length = 0;
      clock.advance(LOOK_MS);
      for (let n = 0; n < 50; n += 1) await Promise.resolve();
    },
  };
}

describe('who sends work back for people', () => {
  test('asks only for organisations that have preemptible kinds and let them be sent back', async () => {
    const off = rules('off', ['page'], { preemption: false });
    const s = setup([rules('none', ['crawl']), off, rules('one', ['page', 'crawl', 'print'])], {});
    s.preemptor.start();
    await s.look();
    expect(s.asked).toEqual(['one: page print']);
    s.change(rules('one', ['crawl']));
    s.change(rules('none', ['page']));
    await s.look();
    expect(s.asked).toEqual(['none: page']);
    await s.preemptor.stop();
  });

  test('gives what is sent back the grace of its organisation, and says for whom it is', async () => {
    const s = setup([rules('one', ['page'], { preemptionGraceMs: 7_000 })], { one: ['t1'] });
    s.preemptor.start();
    await s.look();
    expect(s.requests).toEqual([
      expect.objectContaining({ org: 'one', taskId: 't1', epoch: 1, graceMs: 7_000, forTaskId: 'for-t1' }),
    ]);
    expect(s.refused).toEqual([]);
    await s.preemptor.stop();
  });

  test('tries another at once in place of what the record refuses, and not for ever', async () => {
    const s = setup([rules('one', ['page'])], { one: ['t1', 't2'] }, ['t1']);
    s.preemptor.start();
    await s.look();
    expect(s.requests.map(({ taskId }) => taskId)).toEqual(['t1', 't2']);
    expect(s.refused).toEqual(['t1']);
    await s.preemptor.stop();

    const all = Array.from({ length: 50 }, (_, i) => `x${i}`);
    const other = setup([rules('one', ['page'])], { one: [...all] }, all);
    other.preemptor.start();
    for (let n = 0; n < 200; n += 1) await Promise.resolve();
    expect(other.requests).toHaveLength(5);
    await other.preemptor.stop();
  });

  test('an organisation with which something is wrong holds up no other', async () => {
    const s = setup([rules('broken', ['page']), rules('well', ['page'])], { well: ['t1'] });
    s.preemptor.start();
    await s.look();
    await s.look();
    expect(s.requests.map(({ taskId }) => taskId)).toEqual(['t1']);
    expect(s.asked).toEqual(['broken: page', 'well: page']);
    await s.preemptor.stop();
  });
});
