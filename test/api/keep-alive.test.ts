import { randomUUID } from 'node:crypto';
import { durationMs } from '@bufbuild/protobuf/wkt';
import { expect, it } from 'vitest';
import { createCoordinators } from './support/coordinators.js';
import { turns } from './support/work-probe.js';

const KEEP_ALIVE_MS = 500;

/** A coordinator with agents that have nothing to do. */
async function setup(count: number) {
  const all = createCoordinators({ keepAliveMs: KEEP_ALIVE_MS, pingMs: 3_600_000 });
  const a = all.open('a');
  const streams = Array.from({ length: count }, () => a.stream());
  for (const [i, stream] of streams.entries()) {
    await stream.hello(`agent-${i}`, { instanceKey: randomUUID() });
  }
  a.link.own.start();
  /** Lets time go by. @returns what each agent was told, in ms */
  async function pass(ms: number): Promise<number[][]> {
    for (let gone = 0; gone < ms; gone += KEEP_ALIVE_MS / 4) all.clock.advance(KEEP_ALIVE_MS / 4);
    await turns();
    return streams.map((stream) =>
      stream.took('keepAlive').map(({ within }) => (within ? durationMs(within) : Number.NaN)),
    );
  }
  return { ...all, a, streams, pass };
}

it('an agent that has nothing to do hears of its coordinator as often as it was told', async () => {
  const { pass } = await setup(2);
  for (const told of await pass(10 * KEEP_ALIVE_MS)) {
    expect(told.length).toBeGreaterThanOrEqual(8);
    expect(told.length).toBeLessThanOrEqual(11);
    expect(new Set(told)).toEqual(new Set([KEEP_ALIVE_MS]));
  }
});

it('whatever else is said counts as well', async () => {
  const { streams, pass } = await setup(1);
  await pass(KEEP_ALIVE_MS);
  let told = 0;
  for (let i = 0; i < 10; i++) {
    streams[0]?.send({ case: 'renew', value: { claims: [{ taskId: randomUUID(), epoch: 1n }] } });
    await turns();
    told += (await pass(KEEP_ALIVE_MS / 2)).flat().length;
  }
  expect(told).toBe(0);
});

it('with very many agents each hears less often, and knows', async () => {
  const count = 1_200;
  const { pass } = await setup(count);
  const told = await pass(2 * count);
  const most = told.map((each) => Math.max(...each));
  expect(new Set(most)).toEqual(new Set([count]));
  const messages = told.flat().length;
  expect(messages).toBeGreaterThanOrEqual(count);
  expect(messages).toBeLessThanOrEqual(3 * count);
});
