import type { AgentSpec as ProtoAgentSpec, ServerLimits } from '@reeve/sdk/protocol';
import type { AgentSpec } from '../../domain/agents/agent.js';
import type { ProgressNotes } from '../../ports/progress.js';
import type { Ports } from '../../usecases/ports.js';
import type { Checker } from '../constraints/checker.js';
import type { SaidBid } from './bid-book.js';

/** What sessions need of the world. Spans in ms. */
export interface WorkWorld {
  readonly ports: Ports;
  readonly progress: ProgressNotes;
  /** Told of tasks whose progress was noted. */
  readonly onProgress: (org: string, taskIds: readonly string[]) => void;
  /** Told when an agent has connected or gone, or when what it holds or takes has changed. */
  readonly onAgentChanged: (org: string, agentId: string) => void;
  /** Told of bids of an agent, whoever asked for them. */
  readonly onBids: (org: string, agentId: string, bids: readonly SaidBid[]) => void;
  readonly pingMs: number;
  /** How often agents hear of the server at least, as long as they are few. */
  readonly keepAliveMs: number;
  /** How old Work streams become before agents are asked to open new ones. Default: as old as they like. */
  readonly streamAgeMs?: number;
  readonly renewMs: number;
  readonly limits: Pick<ServerLimits, 'maxPayloadBytes' | 'maxMessageBytes' | 'maxBatchItems'>;
  /** The constraints that a message breaks, from its descriptor. */
  readonly check: Checker['check'];
  readonly toAgentSpec: (spec: ProtoAgentSpec) => AgentSpec;
}
