import { setTimeout as pause } from 'node:timers/promises';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { LeaseVerdict, Outcome } from '@reeve/sdk/protocol';
import { expect, it } from 'vitest';
import { settle, setupSlow } from './support/agent-world.js';
import type { FakeCoordinator } from './support/fake-coordinator.js';
import type { WorkProbe } from './support/work-probe.js';

/** How long an answer to Hello is waited for where nothing is known to be wrong, in ms. */
const HELLO_TIMEOUT_MS = 10_000;

/** Tells the agent to expect something soon. */
function speak(session: WorkProbe, withinMs = 40): void {
  session.send({ case: 'keepAlive', value: { within: durationFromMs(withinMs) } });
}

/**
 * Welcomes a session, or the one after it: beside a silent coordinator each is soon given up, on a
 * busy machine before it is welcome. `next` is the session that comes after it.
 */
async function welcomed(
  server: FakeCoordinator,
  session: WorkProbe,
  welcome = (it: WorkProbe) => it.welcome(),
): Promise<{ session: WorkProbe; next: Promise<WorkProbe> }> {
  welcome(session);
  const next = server.nextSession();
  const another = await Promise.race([session.next('grant').then(() => undefined), next]);
  return another ? welcomed(server, another, welcome) : { session, next };
}

it('a coordinator that may be frozen is left for another, with what is held, and no sooner', async () => {
  const { server, connect, assignSlow, running, messages } = await setupSlow();
  const first = await connect();
  const claim = await assignSlow(first);
  speak(first);
  const second = await server.nextSession();
  expect(second.hello.heldLeases).toMatchObject([{ claim }]);
  // Until another has welcomed the agent, the session is where it was.
  const late = await assignSlow(first);
  expect(running).toHaveLength(2);
  const { session: heir } = await welcomed(server, second, (it) => it.welcomeWith(LeaseVerdict.KEEP));
  await first.ended;
  running[0]?.finish('done');
  const { claim: reported, result } = await heir.nextResult();
  expect(reported).toMatchObject(claim);
  expect(result?.outcome).toBe(Outcome.SUCCEEDED);
  expect(late).not.toMatchObject(claim);
  expect(messages.filter(({ level }) => level === 'warn')).toEqual([]);
});

it('whoever does not answer the Hello either is not waited for long', async () => {
  const { server, connect } = await setupSlow();
  speak(await connect());
  const began = performance.now();
  const second = await server.nextSession();
  const third = await server.nextSession();
  await second.ended;
  expect(performance.now() - began).toBeLessThan(HELLO_TIMEOUT_MS);
  await welcomed(server, third);
});

it('as long as something comes, the stream stays', async () => {
  const { server, connect } = await setupSlow();
  const first = await connect();
  const withinMs = 500;
  speak(first, withinMs);
  // Twice as long as it would have waited in silence: that it passes is what this is about.
  for (let saidMs = 0; saidMs < 6 * withinMs; saidMs += withinMs / 5) {
    await settle(first);
    await pause(withinMs / 5);
  }
  expect(server.sessionsOpened).toBe(1);
});

it('a frozen coordinator that reads the Hello late and takes the session over is no end of it', async () => {
  const { server, worker, connect } = await setupSlow();
  const errors: Error[] = [];
  worker.on('error', (error) => errors.push(error));
  speak(await connect());
  const lost = await server.nextSession();
  const third = await server.nextSession();
  await lost.ended;
  const { session, next: fourth } = await welcomed(server, third);
  // What was lost is greeted after all, elsewhere.
  session.send({ case: 'goAway', value: { reason: 'SESSION_SUPERSEDED' } });
  session.end();
  await welcomed(server, await fourth);
  expect(errors).toEqual([]);
});
