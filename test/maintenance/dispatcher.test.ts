import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createDispatcher } from '../../src/maintenance/dispatcher.js';
import { NO_ORG_RULES } from '../../src/ports/org-rules.js';
import type { Reservation } from '../../src/ports/ready-index.js';
import type { Ports } from '../../src/usecases/ports.js';
import { FakeClock } from '../support/fake-clock.js';

/** A dispatcher whose index answers when the test says so, and whose record never does. */
function setup() {
  let ready = () => {};
  const questions: ((reservations: readonly Pick<Reservation, 'taskId'>[]) => void)[] = [];
  const claimed: string[] = [];
  const dispatcher = createDispatcher({
    index: {
      onReady: (listener: () => void) => (ready = listener),
      reserve: () => new Promise((resolve) => questions.push(resolve)),
    },
    record: {
      claimTasks: (requests: readonly { readonly taskId: string }[]) => {
        claimed.push(...requests.map(({ taskId }) => taskId));
        return new Promise(() => {});
      },
    },
    clock: { monotonic: () => 0 },
    rules: {},
    failpoints: { hit: () => undefined },
    orgRules: NO_ORG_RULES,
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
