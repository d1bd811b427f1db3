import type { LoadReport } from '../domain/agents/agent.js';
import type { Bid } from '../domain/auctions/bid.js';
import type { Claim } from '../domain/tasks/lease.js';
import type { CancelNotice } from './agent-sessions.js';
import type { InstanceView } from './fleet.js';

/** A claim, and whose it is. */
export type AgentClaim = Claim & { readonly agentId: string };

/** Names an agent. */
export type AgentKey = readonly [org: string, agentId: string];

/** A process of an agent was welcomed on a Work stream: older ones of the same process are over. */
export interface Greeted {
  readonly org: string;
  readonly agentId: string;
  readonly instanceKey: string;
  /** When it opened, ms since the epoch, on the clock of the coordinator that holds it. */
  readonly connectTime: number;
  /** How long ago that was when this was said, in ms. */
  readonly ageMs: number;
}

/** A connected process of an agent. */
export type SeenInstance = readonly [org: string, agentId: string, instance: InstanceView];

/** A heartbeat, so long ago; `isNew`: the agent has connected, and its record of heartbeats begins here. */
export type Beat = readonly [
  org: string,
  agentId: string,
  load: LoadReport | null,
  isNew: boolean,
  agoMs: number,
];

/** What has changed of what a coordinator sees of its agents; said every second, changes or not. */
export interface PresenceStep {
  /** One more than in the step before: whoever missed one asks for the whole picture. */
  readonly seq: number;
  readonly put: readonly SeenInstance[];
  /** Session ids. */
  readonly gone: readonly string[];
  readonly beats: readonly Beat[];
  /** Agents of which a process has drained and left. */
  readonly left: readonly AgentKey[];
}

/** All connected processes that a coordinator holds, as of the step `seq`, in parts. */
export interface PresencePicture {
  readonly seq: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly instances: readonly SeenInstance[];
}

/** A note of progress; `time` in ms since the epoch. */
export type RelayedNote = readonly [
  org: string,
  taskId: string,
  fraction: number,
  text: string,
  time: number,
];

/** An agent is asked for bids by whoever holds a process of it; `body` in base64. */
export interface RelayedBidRequests {
  readonly org: string;
  readonly agentId: string;
  readonly asked: readonly {
    readonly auctionId: string;
    readonly taskId: string;
    readonly body: string;
    readonly withinMs: number;
  }[];
}

/** Bids of an agent, to whoever asked; `null`: it does not want the task, or what it said is wrong. */
export interface RelayedBids {
  readonly org: string;
  readonly agentId: string;
  readonly bids: readonly {
    readonly auctionId: string;
    readonly bid: Bid | null;
    readonly problem?: string;
  }[];
}

/** What coordinators tell each other, by kind. Everything can be written as JSON. */
export interface RelayMessages {
  readonly cancel: readonly CancelNotice[];
  readonly revoke: readonly AgentClaim[];
  readonly 'bid-requests': RelayedBidRequests;
  readonly bids: RelayedBids;
  /** Claims that their agent is done with. */
  readonly forget: readonly AgentClaim[];
  readonly 'go-away': { readonly org: string; readonly agentId: string; readonly reason: string };
  readonly greeted: Greeted;
  /** What an organisation has set has changed: its version now. */
  readonly rules: { readonly org: string; readonly version: number };
  /** What the record holds of these agents has changed. */
  readonly agents: readonly AgentKey[];
  readonly presence: PresenceStep;
  readonly picture: PresencePicture;
  readonly 'ask-picture': Record<string, never>;
  /** To oneself: whether messages come through. */
  readonly echo: Record<string, never>;
  /** The coordinator ends. */
  readonly bye: Record<string, never>;
  /** `over`: tasks whose attempt has ended. */
  readonly progress: { readonly notes: readonly RelayedNote[]; readonly over: readonly string[] };
}

export type RelayKind = keyof RelayMessages;

/**
 * Messages between the coordinators of one installation. Soft: what nobody hears is lost, and
 * whoever relies on it has another way to learn the same in time. Those of one sender come in
 * the order they were sent in, as a rule.
 */
export interface Relay {
  /** Names this coordinator, from its start to its end. */
  readonly coordinatorId: string;
  /**
   * Tells all others, or one, which may be oneself. Never throws, never waits; what is sent in
   * one turn of the event loop travels together.
   */
  send<K extends RelayKind>(kind: K, message: RelayMessages[K], to?: string): void;
  /** Calls `listener` with each message of a kind. Unknown kinds are ignored. */
  on<K extends RelayKind>(kind: K, listener: (message: RelayMessages[K], from: string) => void): void;
}

/** A coordinator that has nobody beside it. */
export function noRelay(coordinatorId: string): Relay {
  return { coordinatorId, send() {}, on() {} };
}
