import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, describe, expect, it } from 'vitest';
import { celPolicy, policyInput, startCelEngine } from '../support/cel-engine.js';

const engines: ReturnType<typeof startCelEngine>[] = [];
afterEach(() => Promise.all(engines.splice(0).map((engine) => engine.stop())));

function setup() {
  const engine = startCelEngine();
  engines.push(engine);
  const harmless = celPolicy('APPROVAL', 'task.tier == "NORMAL"', { policyId: 'harmless' });
  return { engine, harmless };
}

const LIST = Array.from({ length: 150 }, (_, n) => n);
/** 3,375,000 turns: 1.7 s where it was measured. */
const NESTED = `task.input.all(a, task.input.all(b, task.input.all(c, a + b + c >= 0)))`;

/** As good as for ever. */
const BACKTRACKS = '"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!".matches("^(a+)+$")';

/** `x` doubled so often, then made into something. */
function doubled(start: string, times: number, end: string): string {
  let expression = end.replaceAll('LAST', `x${times}`);
  for (let n = times; n > 0; n--) expression = `cel.bind(x${n}, x${n - 1} + x${n - 1}, ${expression})`;
  return `cel.bind(x0, ${start}, ${expression})`;
}

describe('an expression that runs away', () => {
  it('is ended, fails alone, and the thread comes back', async () => {
    const { engine, harmless } = setup();
    const bad = celPolicy('APPROVAL', NESTED, { policyId: 'bad' });
    const batch = [
      { policy: harmless, inputs: [policyInput(), policyInput({ tier: 'LOW' })] },
      {
        policy: bad,
        inputs: [policyInput({ input: [1] }), policyInput({ input: LIST }), policyInput({ input: [2] })],
      },
      { policy: harmless, inputs: [policyInput()] },
    ];
    expect(await engine.decide(batch)).toMatchObject([
      [{ output: true }, { output: false }],
      [{ output: true }, { ok: false, failure: 'RUNAWAY' }, { output: true }],
      [{ output: true }],
    ]);
    expect(await engine.decide([{ policy: harmless, inputs: [policyInput()] }])).toMatchObject([
      [{ output: true }],
    ]);
  });

  it('does not hold up the event loop meanwhile', async () => {
    const { engine, harmless } = setup();
    await engine.decide([{ policy: harmless, inputs: [policyInput()] }]);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const policy = celPolicy('APPROVAL', BACKTRACKS, { deadlineMs: 1_000 });
    const began = performance.now();
    const outcomes = await engine.decide([{ policy, inputs: [policyInput()] }]);
    const took = performance.now() - began;
    delay.disable();
    expect(outcomes).toMatchObject([[{ failure: 'RUNAWAY' }]]);
    expect(outcomes[0]?.[0]?.tookMs).toBeGreaterThan(900);
    expect(took).toBeGreaterThan(990);
    // On this thread it would have been all of it. A machine that is busy otherwise delays both.
    expect(delay.max / 1e6).toBeLessThan(took / 4);
  });

  it('leaves those alone that ask at the same time', async () => {
    const { engine, harmless } = setup();
    const bad = engine.decide([
      { policy: celPolicy('APPROVAL', NESTED), inputs: [policyInput({ input: LIST })] },
    ]);
    const others = Array.from({ length: 20 }, () =>
      engine.decide([{ policy: harmless, inputs: [policyInput()] }]),
    );
    expect(await bad).toMatchObject([[{ failure: 'RUNAWAY' }]]);
    for (const each of await Promise.all(others)) expect(each).toMatchObject([[{ output: true }]]);
  });

  it('is not asked for a while after it was ended three times, where others are', async () => {
    const { engine, harmless } = setup();
    const bad = celPolicy('APPROVAL', NESTED, { policyId: 'bad' });
    const inputs = Array.from({ length: 200 }, () => policyInput({ input: LIST }));
    const [outcomes = [], [other] = []] = await engine.decide([
      { policy: bad, inputs },
      { policy: harmless, inputs: [policyInput()] },
    ]);
    expect(outcomes.every((outcome) => !outcome.ok && outcome.failure === 'RUNAWAY')).toBe(true);
    expect(
      outcomes.filter((outcome) => !outcome.ok && outcome.message.includes('is asked again in')),
    ).toHaveLength(197);
    expect(other).toMatchObject({ output: true });
  });

  it.each<[string, string, unknown, string]>([
    ['a text doubled 30 times', doubled('"ab"', 30, 'LAST.size() > 0'), null, 'TOO_LARGE'],
    [
      'a text doubled and then changed at once',
      doubled('"ab"', 27, 'LAST.upperAscii() == ""'),
      null,
      'TOO_LARGE',
    ],
    ['a list doubled 30 times', doubled('[1, 2]', 30, 'LAST.size() > 0'), null, 'TOO_LARGE'],
    ['a list joined with itself', 'task.input.map(a, task.goal).join(task.goal) == ""', LIST, 'TOO_LARGE'],
    ['a pattern that backtracks', BACKTRACKS, null, 'RUNAWAY'],
    [
      'lists in lists in lists',
      'task.input.map(a, task.input.map(b, task.input.map(c, [a, b, c]))).size() > 0',
      LIST,
      'RUNAWAY',
    ],
  ])('does no harm: %s', async (_what, expression, input, failure) => {
    const { engine, harmless } = setup();
    expect(await engine.checkExpression('APPROVAL', expression)).toEqual([]);
    const task = { input: input as null, goal: 'x'.repeat(50_000) };
    expect(
      await engine.decide([
        { policy: celPolicy('APPROVAL', expression), inputs: [policyInput(task)] },
        { policy: harmless, inputs: [policyInput()] },
      ]),
    ).toMatchObject([[{ ok: false, failure }], [{ output: true }]]);
  });

  it('that uses up the memory of its thread fails alone', async () => {
    const { engine, harmless } = setup();
    // Long enough for memory to end before the time does.
    const policy = celPolicy(
      'APPROVAL',
      'task.input.map(a, task.input.map(b, task.input.map(c, [a, b, c]))).size() > 0',
      {
        deadlineMs: 1_000,
      },
    );
    const long = Array.from({ length: 400 }, (_, n) => n);
    const [[outcome] = [], [other] = []] = await engine.decide([
      { policy, inputs: [policyInput({ input: long })] },
      { policy: harmless, inputs: [policyInput()] },
    ]);
    expect(outcome).toMatchObject({
      ok: false,
      failure: 'TOO_LARGE',
      message: expect.stringContaining('memory'),
    });
    expect(other).toMatchObject({ output: true });
  });

  it('gets no more than a second, whatever its deadline', async () => {
    const { engine } = setup();
    const policy = celPolicy('APPROVAL', BACKTRACKS, {
      deadlineMs: 30_000,
    });
    const [[outcome] = []] = await engine.decide([{ policy, inputs: [policyInput()] }]);
    expect(outcome).toMatchObject({ failure: 'RUNAWAY', message: 'it ran for more than 1000 ms' });
  });
});

describe('an engine that is stopped', () => {
  it('answers whoever waits, and whoever comes later', async () => {
    const { engine, harmless } = setup();
    await engine.decide([{ policy: harmless, inputs: [policyInput()] }]);
    const waiting = engine.decide([
      { policy: celPolicy('APPROVAL', NESTED), inputs: [policyInput({ input: LIST })] },
    ]);
    await engine.stop();
    await engine.stop();
    expect(await waiting).toMatchObject([[{ ok: false, failure: 'UNAVAILABLE' }]]);
    expect(await engine.decide([{ policy: harmless, inputs: [policyInput()] }])).toMatchObject([
      [{ ok: false, failure: 'UNAVAILABLE' }],
    ]);
  });

  it('that never had anything to do has nothing to stop', async () => {
    const { engine } = setup();
    await expect(engine.stop()).resolves.toBeUndefined();
  });
});
