import { describe, expect, test } from 'vitest';
import { unavailable } from '../../src/domain/errors.js';
import { createGroupCommit, type GroupCommitOptions, type Verb } from '../../src/postgres/group-commit.js';

interface Item {
  readonly id: string;
  readonly bytes?: number;
  readonly poison?: boolean;
}

const sqlError = (code: string) => Object.assign(new Error(`SQLSTATE ${code}`), { code });

/** A verb whose batches end when the test says so. */
function setup(verb: Partial<Verb<Item, string>> = {}, options: GroupCommitOptions = {}) {
  const batches: { ids: string[]; end: (error?: Error) => void }[] = [];
  let started = () => {};
  const group = createGroupCommit<Item, string>(
    {
      order: (a, b) => (a.id < b.id ? -1 : 1),
      key: (item) => item.id,
      size: (item) => item.bytes ?? 0,
      run: (items) =>
        new Promise((resolve, reject) => {
          batches.push({
            ids: items.map((item) => item.id),
            end: (error) => {
              if (error) reject(error);
              else if (items.some((item) => item.poison)) reject(sqlError('22P05'));
              else resolve(items.map((item) => `${item.id} done`));
            },
          });
          started();
        }),
      ...verb,
    },
    options,
  );
  const next = async (count: number) => {
    while (batches.length < count) {
      await new Promise<void>((resolve) => {
        started = resolve;
      });
    }
    const batch = batches[count - 1];
    if (!batch) throw new Error('no batch');
    return batch;
  };
  const add = (...ids: string[]) => group.add(ids.map((id) => ({ id })));
  return { group, batches, next, add };
}

describe('group commit', () => {
  test('who waits behind a batch that a hanging store did not answer fails with it, whoever comes later does not', async () => {
    const { next, add } = setup({}, { hungMs: 0 });
    const calls = [add('a')];
    const hanging = await next(1);
    calls.push(add('b'), add('c'));
    const away = unavailable('RECORD_UNAVAILABLE', 'nobody answers');
    hanging.end(away);
    for (const call of await Promise.allSettled(calls))
      expect(call).toEqual({ status: 'rejected', reason: away });
    const later = add('d');
    (await next(2)).end();
    expect(await later).toEqual(['d done']);
  });

  test('a batch that fails at once fails alone', async () => {
    const { next, add } = setup();
    const first = add('a');
    const batch = await next(1);
    const second = add('b');
    batch.end(unavailable('RECORD_UNAVAILABLE', 'cut'));
    await expect(first).rejects.toMatchObject({ reason: 'RECORD_UNAVAILABLE' });
    (await next(2)).end();
    expect(await second).toEqual(['b done']);
  });

  test('calls of one tick share a batch, in the order of the rows', async () => {
    const { next, add } = setup();
    const calls = [add('c', 'a'), add('b')];
    const batch = await next(1);
    batch.end();

    expect(batch.ids).toEqual(['a', 'b', 'c']);
    expect(await Promise.all(calls)).toEqual([['c done', 'a done'], ['b done']]);
  });

  test('one batch is in flight, the next accumulates meanwhile', async () => {
    const { batches, next, add } = setup();
    const first = add('a');
    await next(1);
    const rest = [add('b'), add('c')];
    expect(batches).toHaveLength(1);
    batches[0]?.end();
    const second = await next(2);
    second.end();

    expect(second.ids).toEqual(['b', 'c']);
    await Promise.all([first, ...rest]);
  });

  test('the same row twice is two batches, in the order of the calls', async () => {
    const { next, add } = setup();
    const calls = [add('a', 'b', 'a'), add('a')];
    for (const [i, ids] of [['a', 'b'], ['a'], ['a']].entries()) {
      const batch = await next(i + 1);
      expect(batch.ids).toEqual(ids);
      batch.end();
    }
    expect(await Promise.all(calls)).toEqual([['a done', 'b done', 'a done'], ['a done']]);
  });

  test('a batch is bounded in rows and in bytes; a larger item goes alone', async () => {
    const { group, next } = setup({}, { maxRows: 3, maxBytes: 100 });
    const call = group.add([
      { id: 'a' },
      { id: 'b' },
      { id: 'c' },
      { id: 'd', bytes: 60 },
      { id: 'e', bytes: 60 },
      { id: 'f', bytes: 900 },
      { id: 'g' },
    ]);
    const expected = [['a', 'b', 'c'], ['d'], ['e'], ['f'], ['g']];
    for (const [i, ids] of expected.entries()) {
      const batch = await next(i + 1);
      expect(batch.ids).toEqual(ids);
      batch.end();
    }
    expect(await call).toHaveLength(7);
  });

  test('a row that the store refuses stands alone in the end', async () => {
    const refused: string[] = [];
    const { group, batches } = setup(
      { refuse: (item) => `${item.id} refused` },
      { onRefused: (error) => refused.push(error.message) },
    );
    const call = group.add('abcdefgh'.split('').map((id) => ({ id, poison: id === 'f' })));
    const ended = call.then(() => true);
    for (let i = 0; ; i++) {
      const more = await Promise.race([ended.then(() => false), waitFor(() => batches.length > i)]);
      if (!more) break;
      batches[i]?.end();
    }

    expect(await call).toEqual('abcdefgh'.split('').map((id) => `${id} ${id === 'f' ? 'refused' : 'done'}`));
    expect(refused).toEqual(['SQLSTATE 22P05']);
  });

  test('without an outcome for it, only the call of that row rejects', async () => {
    const { group, batches } = setup();
    const calls = ['a', 'b', 'c'].map((id) => group.add([{ id, poison: id === 'b' }]));
    const ended = Promise.allSettled(calls);
    let done = false;
    void ended.then(() => {
      done = true;
    });
    for (let i = 0; !done; i++) {
      await waitFor(() => done || batches.length > i);
      batches[i]?.end();
    }

    expect((await ended).map((call) => call.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  test('an error of the store rejects the whole batch; the next one goes on', async () => {
    const { next, add } = setup();
    const lost = Promise.allSettled([add('a'), add('b')]);
    (await next(1)).end(new Error('connection terminated'));
    expect((await lost).map((call) => call.status)).toEqual(['rejected', 'rejected']);
    const after = add('c');
    (await next(2)).end();

    expect(await after).toEqual(['c done']);
  });

  test.each(['40P01', '40001', '23505'])(
    'a conflict with another transaction (%s) is tried again',
    async (code) => {
      const { next, add } = setup();
      const call = add('a', 'b');
      (await next(1)).end(sqlError(code));
      const second = await next(2);
      second.end();

      expect(second.ids).toEqual(['a', 'b']);
      expect(await call).toEqual(['a done', 'b done']);
    },
  );

  test('a row that is locked elsewhere joins the next batch', async () => {
    let locked = true;
    const seen: string[][] = [];
    const { add } = setup({
      run: async (items) => {
        seen.push(items.map((item) => item.id));
        const outcomes = items.map((item) => (item.id === 'b' && locked ? undefined : `${item.id} done`));
        locked = false;
        return outcomes;
      },
    });

    expect(await add('a', 'b', 'c')).toEqual(['a done', 'b done', 'c done']);
    expect(seen).toEqual([['a', 'b', 'c'], ['b']]);
  });

  test('an item that may linger waits, and so do those that came long after it; but a crowd goes at once', async () => {
    const { batches, next, add } = setup({}, { lingerMs: 20, maxRows: 3 });
    const early = add('a');
    await Promise.resolve();
    const late = add('b');
    await Promise.resolve();
    expect(batches).toHaveLength(0);
    (await next(1)).end();
    expect([await early, await late]).toEqual([['a done'], ['b done']]);

    const crowd = add(...Array.from({ length: 30 }, (_, i) => `c${i}`));
    await Promise.resolve();
    await Promise.resolve();
    expect(batches).toHaveLength(2);
    for (let n = 2; n <= 11; n += 1) (await next(n)).end();
    await crowd;
  });

  test('what came when another had lingered for most of its time is given time of its own', async () => {
    const { batches, next, add } = setup({}, { lingerMs: 200 });
    const first = add('a');
    const began = performance.now();
    await expect.poll(() => performance.now() - began, { interval: 5 }).toBeGreaterThan(150);
    const second = add('b');
    (await next(1)).end();
    expect(batches[0]?.ids).toEqual(['a']);
    (await next(2)).end();
    expect([await first, await second]).toEqual([['a done'], ['b done']]);
  });

  test('waiting items can be answered by others', async () => {
    const { group, batches, add } = setup({}, { lingerMs: 60_000 });
    const call = add('a', 'b');
    await Promise.resolve();
    const answer = group.take(new Set(['a', 'b']));
    answer(
      new Map([
        ['a', 'a taken'],
        ['b', 'b taken'],
      ]),
    );

    expect(await call).toEqual(['a taken', 'b taken']);
    expect(batches).toHaveLength(0);
  });

  test('what was taken and not answered goes on waiting, before what came later', async () => {
    const { group, next, add } = setup();
    const call = add('a', 'b');
    const answer = group.take(new Set(['a', 'b']));
    const later = add('c');
    (await next(1)).end();
    expect(await later).toEqual(['c done']);
    answer(new Map([['b', 'b taken']]));
    (await next(2)).end();

    expect(await call).toEqual(['a done', 'b taken']);
  });
});

async function waitFor(condition: () => boolean): Promise<boolean> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  return true;
}
