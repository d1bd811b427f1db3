import { randomUUID } from 'node:crypto';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createChecker } from '../../src/api/constraints/checker.js';
import { toDomainAgentSpec } from '../../src/api/mapping/agent.js';
import { Sessions } from '../../src/api/work/sessions.js';
import type { WorkWorld } from '../../src/api/work/work-world.js';
import { ProgressBoard } from '../../src/memory/progress-board.js';
import { serve } from '../support/grpc-world.js';
import { RawAgent } from '../support/raw-agent.js';

const INVALID_ARGUMENT = 3;

/** An agent that has said Hello to a coordinator whose record does not answer before `release`. */
async function greeted() {
  const sessions: Sessions = new Sessions(() => work);
  const { ports, api, server } = await serve({ openWork: sessions.open });
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const register = vi.fn(async (...args: Parameters<typeof ports.fleet.register>) => {
    await held;
    return ports.fleet.register(...args);
  });
  const work: WorkWorld = {
    ports: { ...ports, fleet: { ...ports.fleet, register } },
    progress: new ProgressBoard(ports.clock),
    onProgress: () => {},
    onAgentChanged: () => {},
    onBids: () => {},
    pingMs: 60_000,
    keepAliveMs: 60_000,
    renewMs: 15_000,
    limits: api.info.limits,
    check: createChecker().check,
    toAgentSpec: toDomainAgentSpec,
  };
  const agent = new RawAgent(server.address);
  onTestFinished(() => agent.close());
  const welcome = agent.hello('early');
  // That there is none is what some tests are about.
  welcome.catch(() => {});
  await vi.waitFor(() => expect(register).toHaveBeenCalled(), 20_000);
  return { agent, sessions, welcome, release, ports };
}

it('what an agent says before it is welcomed is heard afterwards', async () => {
  const { agent, welcome, release, ports } = await greeted();
  const grant = vi.spyOn(ports.index, 'grant');
  for (let total = 1; total <= 999; total++) agent.grant(total);
  agent.send({ case: 'drain', value: { reason: 'that was early' } });
  release();
  await welcome;
  await agent.next('drainAck');
  expect(grant.mock.calls.map(([, total]) => total)).toEqual(Array.from({ length: 999 }, (_, i) => i + 1));
});

it('more messages than that end the stream', async () => {
  const { agent, sessions } = await greeted();
  for (let total = 1; total <= 1_001; total++) agent.grant(total);
  const end = await agent.over;
  expect(end?.code).toBe(INVALID_ARGUMENT);
  expect(end?.details).toContain('between hello and welcome');
  expect(sessions.size).toBe(0);
});

it('so do fewer and larger ones', async () => {
  const { agent, sessions } = await greeted();
  const result = { summary: 'x'.repeat(3 * 1024 * 1024) };
  const claim = { taskId: randomUUID(), epoch: 1n };
  const results = [{ claim, resultId: randomUUID(), result }];
  for (let i = 0; i < 6; i++) agent.send({ case: 'results', value: { results } });
  expect((await agent.over)?.code).toBe(INVALID_ARGUMENT);
  expect(sessions.size).toBe(0);
});
