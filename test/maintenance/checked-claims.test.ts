import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { JobKind } from '../../src/domain/jobs/job-kind.js';
import { createCheckedClaims } from '../../src/maintenance/checked-claims.js';
import { emptySnapshot, NO_ORG_RULES } from '../../src/ports/org-rules.js';
import type { Release, Reservation } from '../../src/ports/ready-index.js';
import type { Ports } from '../../src/usecases/ports.js';
import { FakeClock } from '../support/fake-clock.js';
import { SILENT } from '../support/pglite-record.js';

/** Claims of an organisation that checks its tasks, each batch of which ends when the test says so. */
function setup() {
  const clock = new FakeClock();
  const released: string[] = [];
  const batches: string[][] = [];
  const ends: (() => void)[] = [];
  const jobKind = { kind: 'work', validate: 'task.goal != ""' } as JobKind;
  const checking = { ...emptySnapshot('slow'), jobKinds: new Map([['work', jobKind]]) };
  const index = {
    release: async (releases: readonly Release[]) => {
      for (const { reservation, requeue } of releases) if (requeue) released.push(reservation.taskId);
    },
  } as unknown as Ports['index'];
  const orgRules = { ...NO_ORG_RULES, of: (org: string) => (org === 'slow' ? checking : emptySnapshot(org)) };
  const claims = createCheckedClaims({ clock, index, log: SILENT, orgRules }, (reservations) => {
    batches.push(reservations.map(({ taskId }) => taskId));
    return new Promise<void>((resolve) => ends.push(resolve));
  });
  return { claims, clock, released, batches, end: () => ends.shift()?.() };
}

const reserved = (org: string, ...ids: string[]) => ids.map((taskId) => ({ org, taskId }) as Reservation);

test('those of others are left to the caller, in order', () => {
  const { claims, batches } = setup();
  const all = [...reserved('a', '1'), ...reserved('slow', '2'), ...reserved('b', '3'), ...reserved('a', '4')];
  expect(claims.take(all).map(({ taskId }) => taskId)).toEqual(['1', '3', '4']);
  expect(batches).toEqual([['2']]);
});

test('what comes while a batch is being checked is given back when that is over', async () => {
  const { claims, released, batches, end } = setup();
  claims.take(reserved('slow', '1'));
  expect(claims.take(reserved('slow', '2', '3'))).toEqual([]);
  expect(released).toEqual([]);
  end();
  await claims.idle();
  expect(released).toEqual(['2', '3']);
  claims.take(reserved('slow', '2'));
  expect(batches).toEqual([['1'], ['2']]);
});

test('what a long batch has no time for is given back before its reservations lapse', async () => {
  const { claims, clock, released, batches, end } = setup();
  const ids = Array.from({ length: 120 }, (_, i) => String(i));
  claims.take(reserved('slow', ...ids));
  end();
  await turn();
  expect(batches.map(({ length }) => length)).toEqual([50, 50]);
  clock.advance(3_001);
  end();
  await claims.idle();
  expect(released).toEqual(ids.slice(100));
});
