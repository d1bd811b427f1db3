import { create } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JsonValue } from '../../src/domain/json.js';
import { createRemoteContexts, MAX_LOOKUPS_MS } from '../../src/policies/remote/remote-contexts.js';
import { RemoteFailure } from '../../src/policies/remote/remote-failure.js';
import { systemClock } from '../../src/system/clock.js';
import { FakeClock } from '../support/fake-clock.js';
import { ownPort } from '../support/own-port.js';
import { error, type ProviderState, startProvider, value } from './support/context-server.js';
import { setupCaller } from './support/remote-world.js';

const ASKER = { workflowId: 'w1', workflowName: 'nightly', node: 'g.t' };
/** As long as a busy machine may need. */
const TIMEOUT_MS = 20_000;

function contextsOf(options: Parameters<typeof setupCaller>[0] = {}, clock = systemClock) {
  const { caller } = setupCaller({ maxAnswerBytes: 4 * 1024 * 1024, ...options });
  const contexts = createRemoteContexts(caller, clock);
  const ask = (address: string, queries: readonly JsonValue[], timeoutMs = TIMEOUT_MS) => {
    const place = { org: 'acme', address, plaintext: true, timeoutMs };
    return contexts.query(
      place,
      ASKER,
      queries.map((query) => ({ name: 'similar', query })),
    );
  };
  return { contexts, ask };
}

async function setup(state: Partial<ProviderState> = {}) {
  const provider = await startProvider(state);
  const { contexts, ask } = contextsOf();
  return { provider, contexts, ask: (queries: readonly JsonValue[]) => ask(provider.address, queries) };
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('a provider that answers', () => {
  test('is told for what it is asked, and each query has its answer', async () => {
    const { provider, ask } = await setup();
    const queries = [{ text: 'tea', most: 3 }, null, ['a', 1.5, true]];
    expect(await ask(queries)).toEqual({ ok: true, values: queries.map((found) => ({ found })) });
    expect(provider.requests).toMatchObject([
      { org: 'acme', workflowId: 'w1', workflowName: 'nightly', node: 'g.t' },
    ]);
  });

  test('gets at most 100 queries a call, and several calls at once', async () => {
    let open = () => {};
    const { provider, ask } = await setup({ until: new Promise<void>((resolve) => (open = resolve)) });
    const asked = ask(numbers(2_050));
    await expect.poll(() => provider.requests.length).toBe(8);
    open();
    expect(await asked).toEqual({ ok: true, values: numbers(2_050).map((found) => ({ found })) });
    expect(provider.requests).toHaveLength(21);
    expect(Math.max(...provider.requests.map(({ queries }) => queries.length))).toBe(100);
    expect(provider.mostAtOnce()).toBe(8);
  });

  test('gets no more bytes a call than messages may have', async () => {
    const { provider, ask } = await setup({ answer: (queries) => queries.map(() => value(1)) });
    // As protobuf has them, 100 KB of digits take 0.55 MB.
    const digits = numbers(50_000).map(() => 1);
    expect(await ask([digits, digits, 1, 2])).toEqual({ ok: true, values: [1, 1, 1, 1] });
    expect(provider.requests.map(({ queries }) => queries.length)).toEqual([1, 3]);
  });

  test('with more than one message holds is asked again for half of it, until it fits', async () => {
    const large = 'x'.repeat(200_000);
    const { provider, ask } = await setup({
      answer: (queries) => queries.map(({ query }) => value([query, large])),
    });
    const answers = await ask(numbers(100));
    expect(answers).toEqual({ ok: true, values: numbers(100).map((n) => [n, large]) });
    expect(
      provider.requests
        .map(({ queries }) => queries.length)
        .sort((a, b) => b - a)
        .slice(0, 3),
    ).toEqual([100, 50, 50]);
  });

  test('may say null, and what a record cannot keep is replaced', async () => {
    const { ask } = await setup({ answer: () => [value(null), value({ 'a\0': 'b\0' })] });
    expect(await ask([1, 2])).toEqual({ ok: true, values: [null, { 'a\ufffd': 'b\ufffd' }] });
  });
});

const nested = (levels: number): JsonValue => (levels === 0 ? 1 : { in: nested(levels - 1) });

describe('what counts as no answer', () => {
  test.each<[string, ProviderState['answer'], { at: number; failure: string; message: unknown }]>([
    [
      'an error',
      () => [value(1), error('no such\nindex'), value(1)],
      { at: 1, failure: 'ERROR', message: 'no such index' },
    ],
    [
      'an error without a word',
      () => [error(''), value(1), value(1)],
      { at: 0, failure: 'ERROR', message: 'without a word' },
    ],
    [
      'an answer too few',
      () => [value(1), value(1)],
      { at: 0, failure: 'WRONG_RESULT', message: 'the service gave 2 answers to 3 queries' },
    ],
    [
      'an answer too many',
      () => [value(1), value(1), value(1), value(1)],
      { at: 0, failure: 'WRONG_RESULT', message: 'the service gave 4 answers to 3 queries' },
    ],
    [
      'an answer that is neither',
      () => [value(1), value(1), { case: undefined }],
      { at: 2, failure: 'WRONG_RESULT', message: 'the answer has neither a value nor an error' },
    ],
    [
      'no number',
      () => [
        value(1),
        value(1),
        { case: 'value', value: create(ValueSchema, { kind: { case: 'numberValue', value: Number.NaN } }) },
      ],
      { at: 2, failure: 'WRONG_RESULT', message: expect.stringContaining('no JSON') },
    ],
    [
      'too large a value',
      () => [value(1), value('x'.repeat(262_143)), value(1)],
      {
        at: 1,
        failure: 'TOO_LARGE',
        message: 'the answer must have at most 262144 bytes as JSON, not 262145',
      },
    ],
    [
      'too deep a value',
      () => [value(1), value(1), value(nested(33))],
      { at: 2, failure: 'TOO_LARGE', message: 'the answer must not be nested deeper than 32' },
    ],
  ])('%s', async (_, answer, failed) => {
    const { ask } = await setup({ answer });
    expect(await ask([1, 2, 3])).toEqual({ ok: false, ...failed });
  });

  test('values as large and as deep as they may be are answers', async () => {
    const values = [nested(32), 'x'.repeat(262_142)];
    const { ask } = await setup({ answer: () => values.map(value) });
    expect(await ask([1, 2])).toEqual({ ok: true, values });
  });

  test('one that no message holds', async () => {
    const { ask } = await setup({ answer: () => [value('x'.repeat(5_000_000))] });
    expect(await ask([1])).toMatchObject({ ok: false, at: 0, failure: 'TOO_LARGE' });
  });

  test('more of all together than there may be', async () => {
    const large = 'x'.repeat(250_000);
    const { ask } = await setup({ answer: (queries) => queries.map(() => value(large)) });
    expect(await ask(numbers(150))).toMatchObject({
      ok: false,
      failure: 'TOO_LARGE',
      message: 'all answers for tasks that are made together must have at most 33554432 bytes as JSON',
    });
  });

  test('after one of them nothing more is asked', async () => {
    const { provider, ask } = await setup({ answer: (queries) => queries.map(() => error('no')) });
    expect(await ask(numbers(5_000))).toMatchObject({ ok: false, failure: 'ERROR' });
    expect(provider.requests.length).toBeLessThanOrEqual(8);
  });
});

describe('a provider that is not there', () => {
  test('in time, is given up after its timeout', async () => {
    const { provider } = await setup({ answer: () => 'HANG' });
    const { ask } = contextsOf();
    const answers = await ask(provider.address, [1], 200);
    expect(answers).toMatchObject({
      ok: false,
      at: 0,
      failure: 'DEADLINE',
      message: 'there was no answer in time',
    });
  });

  test('at the address is told, and it is asked again once it is back', async () => {
    const port = await ownPort();
    const { ask } = contextsOf();
    const address = `127.0.0.1:${port}`;
    expect(await ask(address, [1], 2_000)).toMatchObject({ ok: false, failure: 'UNAVAILABLE' });
    const provider = await startProvider({}, port);
    // As long as the breaker keeps it from being asked it is not there.
    await expect.poll(() => ask(address, [1]), { timeout: 20_000 }).toMatchObject({ ok: true });
    provider.stop();
    // What is under way while a connection ends may end with it in other words.
    const later = () => ask(address, [2], 2_000);
    await expect.poll(later, { timeout: 20_000 }).toMatchObject({ ok: false, failure: 'UNAVAILABLE' });
  });

  test.each([
    ['an address that is not public', { privateHosts: [] }, /127\.0\.0\.1 is not a public address/],
    ['one that is to be asked without TLS', { plaintextHosts: [] }, /may not be spoken to without TLS/],
  ])('is %s', async (_, options, message) => {
    const provider = await startProvider();
    const { ask } = contextsOf(options);
    const refused = { ok: false, at: 0, failure: 'UNAVAILABLE', message: expect.stringMatching(message) };
    expect(await ask(provider.address, [1])).toEqual(refused);
    expect(provider.requests).toEqual([]);
  });

  test('all look-ups together take a minute at most', async () => {
    const clock = new FakeClock();
    const { provider } = await setup({ answer: () => 'HANG' });
    const { ask } = contextsOf({}, clock);
    const asked = ask(provider.address, numbers(1_000));
    await expect.poll(() => provider.requests.length).toBe(8);
    clock.advance(MAX_LOOKUPS_MS);
    expect(await asked).toEqual({
      ...{ ok: false, at: 0, failure: 'DEADLINE' },
      message: 'all look-ups together took longer than 60000 ms',
    });
  });
});

test('calls are written one in each turn of the event loop', async () => {
  let turn = 0;
  const count = () => {
    turn += 1;
    counting = setImmediate(count);
  };
  let counting = setImmediate(count);
  onTestFinished(() => clearImmediate(counting));
  const turns: number[] = [];
  const call = async () => {
    turns.push(turn);
    throw new RemoteFailure('TOO_LARGE', 'more than it may');
  };
  const contexts = createRemoteContexts({ call, stop() {} }, systemClock);
  const place = { org: 'acme', address: 'a:1', plaintext: true, timeoutMs: TIMEOUT_MS };
  const queries = numbers(800).map((query) => ({ name: 'similar', query }));
  await Promise.all([contexts.query(place, ASKER, queries), contexts.query(place, ASKER, queries)]);
  expect(turns.length).toBeGreaterThan(16);
  expect(new Set(turns).size).toBe(turns.length);
});

test('what a stop cuts off is unknown, not failed', async () => {
  const { provider, contexts, ask } = await setup({ answer: () => 'HANG' });
  const asked = ask([1]);
  await expect.poll(() => provider.requests.length).toBe(1);
  contexts.stop();
  await expect(asked).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'SHUTTING_DOWN' });
});
