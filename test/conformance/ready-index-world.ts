import type { AgentSpec } from '../../src/domain/agents/agent.js';
import type { Claim } from '../../src/domain/tasks/lease.js';
import { NO_REQUIREMENTS } from '../../src/domain/tasks/requirements.js';
import type { Confirmation, ReadyIndex, ReadyTask, Reservation } from '../../src/ports/ready-index.js';

export interface IndexUnderTest {
  readonly index: ReadyIndex;
  /** Moves the index's clock on. */
  readonly advance: (ms: number) => void;
}

export const ORG = 'acme';

export function agent(agentId: string, over: Partial<AgentSpec> = {}): AgentSpec {
  return {
    agentId,
    agentType: 'WORKER',
    capabilities: ['work'],
    services: [],
    tags: [],
    endpoints: {},
    metadata: {},
    version: '',
    region: null,
    location: null,
    weight: null,
    ...over,
  };
}

/** Each is of a later change than those made before. */
export function task(taskId: string, over: Partial<ReadyTask> = {}, capabilities = ['work']): ReadyTask {
  const requirements = { ...NO_REQUIREMENTS, capabilities };
  const [kind = 'work'] = capabilities;
  const common = { kind, requirements, lastAgentId: null };
  return {
    org: ORG,
    taskId,
    seq: nextSeq(),
    band: 'OTHER',
    tier: 'NORMAL',
    score: 1_000,
    ...common,
    ...over,
  };
}

let changes = 0;

/** The number of a change after all before. */
export function nextSeq(): number {
  changes += 1;
  return changes;
}

/** Reservations whose claims are committed now, at epoch 1. */
export function confirmed(
  reservations: readonly (Reservation | null | undefined)[],
): readonly Confirmation[] {
  return reservations.flatMap((reservation) =>
    reservation ? [{ reservation, epoch: 1, seq: nextSeq() }] : [],
  );
}

/** Their leases, at epoch 1. */
export function claims(
  tasks: readonly { readonly org: string; readonly taskId: string }[],
): readonly Claim[] {
  return tasks.map(({ org, taskId }) => ({ org, taskId, epoch: 1 }));
}

export type ConnectArgs = [agentId: string, credit: number, over?: Partial<AgentSpec>, org?: string];

/** One process of an agent with ten slots, its session named as the agent. */
export async function connectAgent(
  index: ReadyIndex,
  ...[agentId, credit, over = {}, org = ORG]: ConnectArgs
): Promise<void> {
  await index.putInstance({ org, sessionId: agentId, spec: agent(agentId, over), slots: 10, held: [] });
  await index.grant(agentId, credit);
}
