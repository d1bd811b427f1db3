import type { Client } from '@reeve/sdk';
import type { Live } from '../command.js';
import { safeText } from '../output/safe-text.js';
import type { Candidate } from './candidates.js';

const MOST = 50;

// Ids come from others and end up on a command line.
const HARMLESS = /^[\w.@:/+-]+$/;

const LISTS: Readonly<Record<Live, (client: Client) => AsyncIterable<Candidate>>> = {
  async *task(client) {
    for await (const task of client.list({ limit: MOST })) {
      yield { word: task.taskId, doc: safeText(`${task.kind} ${task.state}`) };
    }
  },
  async *approval(client) {
    for await (const { taskId, kind, reason } of client.approvals.list({ limit: MOST })) {
      yield { word: taskId, doc: safeText(`${kind} ${reason}`) };
    }
  },
  async *agent(client) {
    for await (const agent of client.agents.list({ limit: MOST })) {
      yield { word: agent.agentId, doc: agent.status };
    }
  },
  async *operation(client) {
    for await (const { operationId, verb, state } of client.operations.list({ limit: MOST })) {
      yield { word: operationId, doc: `${verb} ${state}` };
    }
  },
  async *policy(client) {
    for await (const { policyId, kind } of client.policies.list({ limit: MOST })) {
      yield { word: policyId, doc: kind };
    }
  },
  async *parameter(client) {
    for (const { key, description } of (await client.config.effective()).slice(0, 2 * MOST)) {
      yield { word: key, doc: description };
    }
  },
  async *workflow(client) {
    for await (const { workflowId, name, state } of client.workflows.list({ limit: MOST })) {
      yield { word: workflowId, doc: safeText(`${name} ${state}`) };
    }
  },
  async *kind(client) {
    for await (const { kind, description } of client.jobKinds.list({ limit: MOST })) {
      yield { word: kind, doc: safeText(description ?? '') };
    }
  },
};

/** Ids that the server knows; none if it does not answer. */
export async function liveIds(client: Client, what: Live): Promise<Candidate[]> {
  const found: Candidate[] = [];
  try {
    for await (const candidate of LISTS[what](client)) found.push(candidate);
  } catch {
    return [];
  }
  return found.filter(({ word }) => HARMLESS.test(word));
}
