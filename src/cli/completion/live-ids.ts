import type { Client } from '@reeve/sdk';
import { safeText } from '../output/safe-text.js';
import type { Candidate } from './candidates.js';

const MOST = 50;

// Ids come from others and end up on a command line.
const HARMLESS = /^[\w.@:/+-]+$/;

type Live = 'task' | 'agent' | 'operation' | 'policy';

/** Ids that the server knows; none if it does not answer. */
export async function liveIds(client: Client, what: Live): Promise<Candidate[]> {
  const found: Candidate[] = [];
  try {
    if (what === 'task') {
      for await (const task of client.list({ limit: MOST })) {
        found.push({ word: task.taskId, doc: safeText(`${task.kind} ${task.state}`) });
      }
    } else if (what === 'operation') {
      for await (const { operationId, verb, state } of client.operations.list({ limit: MOST })) {
        found.push({ word: operationId, doc: `${verb} ${state}` });
      }
    } else if (what === 'policy') {
      for await (const { policyId, kind } of client.policies.list({ limit: MOST })) {
        found.push({ word: policyId, doc: kind });
      }
    } else {
      for await (const agent of client.agents.list({ limit: MOST })) {
        found.push({ word: agent.agentId, doc: agent.status });
      }
    }
  } catch {
    return [];
  }
  return found.filter(({ word }) => HARMLESS.test(word));
}
