import { type Assignment, type Claim, LeaseVerdict, ResultVerdict } from '@reeve/sdk/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { RawAgent } from '../raw-agent.js';
import { resultOf } from '../work-world.js';
import { type FaultProxy, startFaultProxyFor } from './fault-proxy.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';
import { openRecordWorld, type RecordWorld, type RecordWorldOptions } from './record-world.js';

export const LEASE_MS = 3_000;
/** Long, for a machine that does much else. */
export const SOON = { timeout: 30_000 };

/** For each test of a file a coordinator whose way to its record may fail. */
export function createOutageWorld() {
  let server: PostgresServer;
  let proxy: FaultProxy;
  let world: RecordWorld;
  const open = async (options: RecordWorldOptions = {}) => {
    const url = proxy.through(await server.createDatabase());
    world = await openRecordWorld(url, { leaseMs: LEASE_MS, ...options });
  };
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    proxy = await startFaultProxyFor(server.url);
    await open();
  });
  afterEach(async () => {
    proxy.set('pass');
    await world.stop();
    await proxy.close();
  });

  const submit = async (kind: string) => (await world.client.submit({ kind, input: { a: 1 } })).taskId;
  const stateOf = async (taskId: string) => (await world.client.get(taskId)).state;
  const report = (agent: RawAgent, assignment: Assignment) =>
    agent.send({ case: 'results', value: { results: [resultOf(assignment)] } });

  return {
    get server() {
      return server;
    },
    get proxy() {
      return proxy;
    },
    get world() {
      return world;
    },
    /** The same anew, with other options. */
    async reopen(options: RecordWorldOptions) {
      await world.stop();
      await open(options);
    },
    submit,
    stateOf,
    async eventsOf(taskId: string): Promise<string[]> {
      const types = [];
      for await (const event of world.client.events(taskId)) types.push(event.type);
      return types;
    },
    /** An agent that runs a task of its name. */
    async running(agentId: string) {
      const agent = await world.agent(agentId);
      const taskId = await submit(agentId);
      const assignment = await agent.take();
      agent.accept(assignment);
      await expect.poll(() => stateOf(taskId), SOON).toBe('RUNNING');
      return { agent, taskId, assignment, claim: assignment.claim };
    },
    async renew(agent: RawAgent, claim: Claim): Promise<string> {
      agent.send({ case: 'renew', value: { claims: [claim] } });
      const { updates } = await agent.next('leaseUpdates');
      return LeaseVerdict[updates[0]?.verdict ?? 0] ?? '';
    },
    report,
    /** What a result is answered with, once. */
    async verdictOf(agent: RawAgent, assignment: Assignment): Promise<string> {
      report(agent, assignment);
      return acked(agent);
    },
    acked,
    /** Waits until the record answers again. */
    back: () => expect.poll(() => world.ports.outages.awayMs(), SOON).toBe(null),
  };
}

async function acked(agent: RawAgent): Promise<string> {
  const { acks } = await agent.next('resultAcks');
  return acks.map(({ verdict }) => ResultVerdict[verdict]).join();
}

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
