import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { JobKind } from '../../src/domain/jobs/job-kind.js';
import { createDispatcher } from '../../src/maintenance/dispatcher.js';
import { emptySnapshot, NO_ORG_RULES, type OrgRules } from '../../src/ports/org-rules.js';
import type { Reservation } from '../../src/ports/ready-index.js';
import type { Ports } from '../../src/usecases/ports.js';
import { FakeClock } from '../support/fake-clock.js';

type Named = Pick<Reservation, 'taskId'> & Partial<Pick<Reservation, 'org'>>;

/** A dispatcher whose index answers when the test says so, and whose record never does. */
function setup({ orgRules = NO_ORG_RULES }: { readonly orgRules?: OrgRules } = {}) {
  let ready = () => {};
  const questions: ((reservations: readonly Named[]) => void)[] = [];
  const claimed: string[] = [];
  const dispatcher = createDispatcher({
    index: {
      onReady: (listener: () => void) => (ready = listener),
      reserve: () => new Promise((resolve) => questions.push(resolve)),
    },
    record: {
      getTasks: () => new Promise(() => {}),
      claimTasks: (requests: readonly { readonly taskId: string }[]) => {
        claimed.push(...requests.map(({ taskId }) => taskId));
        return new Promise(() => {});
      },
    },
    clock: { monotonic: () => 0 },
    rules: {},
    failpoints: { hit: () => undefined },
    orgRules,
  } as unknown as Ports);
  return { dispatcher, ready: () => ready(), questions, claimed };
}

it('claims what becomes ready while the index is about to say that there is nothing', async () => {
  const { dispatcher, ready, questions, claimed } = setup();
  dispatcher.start();
  await turn();
  ready();
  questions[0]?.([]);
  await turn();
  questions[1]?.([{ taskId: 'late' }]);
  await turn();
  expect(claimed).toEqual(['late']);
});

it('does not ask again while nothing becomes ready', async () => {
  const { dispatcher, ready, questions } = setup();
  dispatcher.start();
  await turn();
  questions[0]?.([]);
  await turn();
  expect(questions).toHaveLength(1);
  ready();
  ready();
  await turn();
  questions[1]?.([]);
  await turn();
  expect(questions).toHaveLength(2);
});

it('lets nobody wait for an organisation whose tasks are being checked', async () => {
  const jobKind = { kind: 'work', validate: 'task.goal != ""' } as JobKind;
  const checking = { ...emptySnapshot('slow'), jobKinds: new Map([['work', jobKind]]) };
  const orgRules = { ...NO_ORG_RULES, of: (org: string) => (org === 'slow' ? checking : emptySnapshot(org)) };
  const { dispatcher, ready, questions, claimed } = setup({ orgRules });
  dispatcher.start();
  for (let i = 0; i < 4; i += 1) {
    await turn();
    questions[i]?.([{ org: 'slow', taskId: `slow-${i}` }]);
    await turn();
    ready();
  }
  await turn();
  questions[4]?.([
    { org: 'slow', taskId: 'slow-4' },
    { org: 'quick', taskId: 'quick' },
  ]);
  await turn();
  expect(claimed).toEqual(['quick']);
});

it('asks again after a while when the index did not answer', async () => {
  const questions: string[] = [];
  const clock = new FakeClock();
  const dispatcher = createDispatcher({
    index: {
      onReady: () => {},
      reserve: async () => {
        questions.push('?');
        if (questions.length === 1) throw new Error('the index is away');
        return [];
      },
    },
    clock,
    log: { error: () => {} },
  } as unknown as Ports);
  dispatcher.start();
  await turn();
  expect(questions).toHaveLength(1);
  clock.advance(250);
  await turn();
  expect(questions).toHaveLength(2);
});
