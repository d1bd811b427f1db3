import { expect, test } from 'vitest';
import { CheckpointWrites } from '../../src/api/work/checkpoint-writes.js';

/** Writes that end when the test says so. */
function setup() {
  const writes = new CheckpointWrites();
  const begun: string[] = [];
  const ends: { ok(): void; fail(): void }[] = [];
  const save = (taskId: string, said: string) =>
    writes.save(taskId, () => {
      begun.push(said);
      return new Promise((resolve, reject) => {
        ends.push({ ok: () => resolve(null), fail: () => reject(new Error(said)) });
      });
    });
  return { writes, begun, ends, save };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('of those that come while one is written only the newest follows it', async () => {
  const { begun, ends, save } = setup();
  const saved = [save('a', '1'), save('a', '2'), save('a', '3')];
  expect(begun).toEqual(['1']);
  ends[0]?.ok();
  await turn();
  expect(begun).toEqual(['1', '3']);
  ends[1]?.ok();
  await Promise.all(saved);
});

test('tasks do not wait for each other', () => {
  const { begun, save } = setup();
  void save('a', '1');
  void save('b', '2');
  expect(begun).toEqual(['1', '2']);
});

test('who waits for a task waits for its newest, and for nothing where nothing is on its way', async () => {
  const { writes, ends, save } = setup();
  expect(writes.settled(['a', 'b'])).toBeNull();
  void save('a', '1');
  void save('a', '2');
  let over = false;
  const settled = writes.settled(['a', 'b'])?.then(() => {
    over = true;
  });
  ends[0]?.ok();
  await turn();
  expect(over).toBe(false);
  ends[1]?.ok();
  await settled;
  expect(writes.settled(['a'])).toBeNull();
});

test('one that fails tells all who wait, holds nobody up, and leaves nothing behind', async () => {
  const { writes, begun, ends, save } = setup();
  const failed = [save('a', '1'), save('a', '2')].map((saved) => expect(saved).rejects.toThrow('1'));
  const settled = writes.settled(['a']);
  ends[0]?.fail();
  await Promise.all([...failed, settled]);
  expect(begun).toEqual(['1']);
  const again = save('a', '3');
  expect(begun).toEqual(['1', '3']);
  ends[1]?.ok();
  await again;
});
