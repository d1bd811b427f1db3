import { expect, test } from 'vitest';
import { NO_REQUIREMENTS } from '../../src/domain/tasks/requirements.js';
import { holdName } from '../../src/usecases/operations.js';
import { ExplainWorld, ORG } from './explain-world.js';

test('an approval is told of, however many are asked for before it', async () => {
  const world = new ExplainWorld(1);
  for (let i = 0; i < 1_001; i += 1) await world.submit({}, true);
  world.clock.advance(1_000);
  const { text } = await world.explain(await world.submit({}, true));
  expect(text).toMatch(
    /^It is AWAITING_APPROVAL\. A person has to approve it: it is dear\. If nobody says .* rejected\./,
  );
});

test('tasks that go first are named as they go, whatever lane they are in, and no place is told where nobody may get it', async () => {
  const world = new ExplainWorld(1);
  await world.connect('busy', { slots: 1, granted: 0 });
  const gpu = { ...NO_REQUIREMENTS, capabilities: ['gpu'] };
  const ids: string[] = [];
  for (let i = 0; i < 1_500; i += 1) {
    // Every other is more urgent, and of those that wait for a gpu each third comes of a person.
    const tier = i % 2 === 0 ? 'HIGH' : 'NORMAL';
    const source = i % 3 === 0 ? 'HUMAN' : 'AUTOMATED';
    ids.push(await world.submit({ kind: 'k', tier, source, requirements: gpu }));
    world.clock.advance(1);
  }
  const { text, blockers, place } = await world.explain(
    await world.submit({ kind: 'k', tier: 'LOW', requirements: gpu }),
  );
  const rank = (i: number) => (i % 3 === 0 ? 0 : 2) + (i % 2 === 0 ? 0 : 1);
  const order = ids.map((_, i) => i).sort((a, b) => rank(a) - rank(b) || a - b);
  const first = order.map((i) => ids[i] as string);
  expect(blockers[1]?.change).toEqual({ kind: 'AHEAD_LEAVE', taskIds: first.slice(0, 100), count: 1_500 });
  expect(text).toContain(`1500 tasks go first: ${first.slice(0, 3).join(', ')} and 1497 more.`);
  expect(place?.position).toBe(1);
  expect(text).not.toContain('in the order');
});

test('a queue that an operation clears is told from one that is paused', async () => {
  const world = new ExplainWorld(1);
  const part = { tier: null, kind: 'k' };
  await world.index.hold(ORG, part, holdName('op1'));
  const { blockers } = await world.explain(await world.submit({ kind: 'k' }));
  expect(blockers[0]).toMatchObject({
    text: 'The queue of kind k is being cleared by operation op1, which cancels what was there before it.',
    change: { kind: 'RESUME_QUEUE', part },
  });
});
