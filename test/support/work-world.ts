import { randomUUID } from 'node:crypto';
import { type Client, createClient, type TaskRequest } from '@reeve/sdk';
import { type Assignment, Outcome } from '@reeve/sdk/protocol';
import { afterAll, beforeAll } from 'vitest';
import type { Coordinator } from '../../src/coordinator.js';
import type { RawSettings } from '../../src/settings/resolve-settings.js';
import { connect } from '../api/support/grpc-client.js';
import { openEmbedded } from './embedded.js';
import { RawAgent } from './raw-agent.js';

/**
 * An embedded coordinator for the tests of a file, and those who talk to it. What runs out in them is
 * set by them; the rest outlasts a busy machine.
 */
export function createWorkWorld(settings: RawSettings = {}) {
  let coordinator: Coordinator;
  let client: Client;
  const agents: RawAgent[] = [];
  const callers: ReturnType<typeof connect>[] = [];

  beforeAll(async () => {
    coordinator = await openEmbedded(settings);
    client = createClient({ address: coordinator.address });
  });
  afterAll(async () => {
    for (const each of [...agents, ...callers]) each.close();
    client.close();
    await coordinator.stop();
  });

  /** A stream that has said nothing yet. */
  function raw(): RawAgent {
    const agent = new RawAgent(coordinator.address);
    agents.push(agent);
    return agent;
  }

  return {
    raw,
    /** For calls without a stream, by whoever they name. */
    caller(): ReturnType<typeof connect> {
      const caller = connect(coordinator.address);
      callers.push(caller);
      return caller;
    },
    /** A kind of its own, so that tests do not take each other's tasks. */
    setup() {
      const kind = `work-${randomUUID()}`;
      return {
        kind,
        client,
        address: () => coordinator.address,
        submit: async (over: Partial<TaskRequest> = {}) =>
          (await client.submit({ kind, input: { a: 1 }, ...over })).taskId,
        /** An agent that was welcomed and has asked for `credit` assignments, 10 by default. */
        async connect(
          agentId: string,
          options: { credit?: number; slots?: number; instanceKey?: string } = {},
        ) {
          const agent = raw();
          await agent.hello(agentId, { capabilities: [kind], ...options });
          agent.grant(options.credit ?? 10);
          return agent;
        },
        async eventsOf(taskId: string): Promise<string[]> {
          const types = [];
          for await (const event of client.events(taskId)) types.push(event.type);
          return types;
        },
        /** Waits until a task is in a state. */
        async reaches(taskId: string, state: string): Promise<void> {
          for await (const task of client.watch(taskId)) if (task.state === state) return;
          throw new Error(`${taskId} never was ${state}`);
        },
      };
    },
  };
}

/** The report of how an assignment ended; other than SUCCEEDED it is a retryable failure. */
export function resultOf(
  { claim }: Assignment,
  outcome = Outcome.SUCCEEDED,
  resultId: string = randomUUID(),
) {
  const error = { kind: 'Broken', message: 'it broke', retryable: true };
  return {
    claim,
    resultId,
    result: { outcome, summary: 'done', ...(outcome === Outcome.SUCCEEDED ? {} : { error }) },
  };
}
