import { randomUUID } from 'node:crypto';
import { durationMs } from '@bufbuild/protobuf/wkt';
import { LeaseVerdict } from '@reeve/sdk/protocol';
import { expect, it } from 'vitest';
import { createCoordinators, PING_MS } from './support/coordinators.js';
import { turns } from './support/work-probe.js';

const AGE_MS = 1_500_000;

/** A coordinator that rotates its streams, with agents on it that answer pings. */
async function setup(count: number) {
  const all = createCoordinators({ streamAgeMs: AGE_MS });
  const [a, b] = [all.open('a'), all.open('b')];
  const streams = Array.from({ length: count }, (_, i) => ({
    agentId: `agent-${i}`,
    instanceKey: randomUUID(),
    stream: a.stream(),
  }));
  for (const { stream, agentId, instanceKey } of streams) await stream.hello(agentId, { instanceKey });
  a.link.own.start();
  const asked = new Map<string, { at: number; afterMs: number }>();
  const began = all.clock.monotonic();
  /** Lets time go by with every agent alive, and notes who is asked to move. */
  async function pass(ms: number): Promise<void> {
    for (let gone = 0; gone < ms; gone += PING_MS) {
      all.clock.advance(PING_MS);
      for (const { stream, agentId } of streams) {
        if (!stream.over) stream.send({ case: 'pong', value: { nonce: 1n } });
        for (const { reason, reconnectAfter } of stream.took('goAway')) {
          expect(reason).toBe('ROTATE');
          const afterMs = reconnectAfter ? durationMs(reconnectAfter) : Number.NaN;
          asked.set(agentId, { at: all.clock.monotonic() - began, afterMs });
        }
      }
    }
    await turns();
  }
  return { ...all, a, b, streams, asked, pass };
}

it('asks for new streams once, within a fifth of their age, spread, and with a short wait', async () => {
  const { asked, pass, streams } = await setup(30);
  await pass(AGE_MS * 0.8 - 2 * PING_MS);
  expect(asked.size).toBe(0);
  await pass(AGE_MS * 0.4 + 4 * PING_MS);
  expect(asked.size).toBe(30);
  const times = [...asked.values()].map(({ at }) => at);
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(AGE_MS * 0.2);
  for (const { afterMs } of asked.values()) expect(afterMs).toBeLessThanOrEqual(5_000);
  // Whoever does not come back has had time enough.
  await pass(70_000 + PING_MS);
  expect(streams.every(({ stream }) => stream.over === 'ENDED')).toBe(true);
});

it('lets the old stream take work until the new one is greeted elsewhere, with its leases', async () => {
  const { a, b, asked, pass, streams, world, clock } = await setup(1);
  const [{ stream, agentId, instanceKey }] = streams as [(typeof streams)[number]];
  while (asked.size === 0) await pass(PING_MS);
  stream.send({ case: 'grant', value: { grantedTotal: 1n } });
  const lease = await world.claim(await world.submit(), agentId);
  const [instance] = a.link.own.instancesOf(lease.org, agentId);
  const delivery = { sessionId: instance?.sessionId ?? '', lease, body: new Uint8Array(), createTime: 1 };
  expect(a.ports.sessions.deliver([delivery])).toEqual([]);
  expect(stream.took('assignments')).toHaveLength(1);
  clock.advance(10);
  const welcome = await b.stream().hello(agentId, { instanceKey, held: [lease] });
  expect(welcome.verdicts).toMatchObject([{ verdict: LeaseVerdict.KEEP }]);
  expect(stream.over).toBe('ENDED');
  expect([a.link.own.size, b.link.own.size]).toEqual([0, 1]);
});

it('spreads those it sends away at its end', async () => {
  const { a, streams } = await setup(4);
  a.link.own.sendAllAway('SHUTDOWN', 500);
  const waits = streams.flatMap(({ stream }) =>
    stream.took('goAway').map(({ reconnectAfter }) => (reconnectAfter ? durationMs(reconnectAfter) : null)),
  );
  expect(waits).toEqual([500, 625, 750, 875]);
});
