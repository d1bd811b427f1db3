import { hostname } from 'node:os';
import { create } from '@bufbuild/protobuf';
import { AgentSpecSchema } from '../gen/reeve/v1/agent_pb.js';
import type { AgentType } from '../names.js';
import { AgentType as TypeNumber } from '../protocol.js';
import type { Logger } from './log.js';

/** What an agent says of itself. */
export interface AgentOptions {
  /** Its subject id, kept across restarts. Default: made of host name and process id. */
  readonly agentId?: string;
  /** What it can do besides the kinds it handles, for tasks to require. */
  readonly capabilities?: readonly string[];
  /** How many tasks it holds at once. Default 3. */
  readonly slots?: number;
  /**
   * `host:port` of the coordinator, or a URL (`https:` means TLS). Default: the variable
   * REEVE_ADDRESS, else `127.0.0.1:9001`.
   */
  readonly address?: string;
  /** The organisation; only a coordinator in `dev` heeds it. Default: the server's, `default`. */
  readonly org?: string;
  /** Its part in the fleet. Default GENERAL. */
  readonly agentType?: AgentType;
  /** Services it offers, for tasks to require; so with `tags` and `region`. */
  readonly services?: readonly string[];
  readonly tags?: readonly string[];
  readonly region?: string;
  /** The point where it runs, in degrees, for tasks that prefer to be near one. */
  readonly location?: { readonly latitude: number; readonly longitude: number };
  /**
   * Its share of the tasks relative to others', up to 1,000, where the coordinator goes by
   * weights. Default: as measured.
   */
  readonly weight?: number;
  /** Where others reach it, by name. */
  readonly endpoints?: Readonly<Record<string, string>>;
  /** Free keys and values. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Of its program. */
  readonly version?: string;
  /**
   * Whether leases are renewed by a thread of their own while a handler blocks the event loop.
   * Default true. The thread starts with the first task; with leases under 2 s there is none.
   */
  readonly renewWhileBlocked?: boolean;
  /**
   * How long the event loop may be blocked until its tasks are left for others, in ms. Default
   * 600,000.
   */
  readonly stallCapMs?: number;
  /** Where it and its handlers write. Default: lines of JSON on stderr, `info` and above. */
  readonly log?: Logger;
}

export function agentSpec(agentId: string, options: AgentOptions, kinds: Iterable<string>) {
  return create(AgentSpecSchema, {
    agentId,
    agentType: TypeNumber[options.agentType ?? 'UNSPECIFIED'],
    capabilities: [...new Set([...(options.capabilities ?? []), ...kinds])],
    services: [...new Set(options.services)],
    tags: [...new Set(options.tags)],
    endpoints: { ...options.endpoints },
    metadata: { ...options.metadata },
    version: options.version ?? '',
    region: options.region ?? '',
    ...(options.location && { location: { ...options.location } }),
    weight: options.weight ?? 0,
  });
}

let unnamed = 0;

/** Different for every agent of every process, so that two are not taken for replicas of one. */
export function defaultAgentId(): string {
  const host =
    hostname()
      .replace(/[^A-Za-z0-9.-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '') || 'agent';
  unnamed++;
  return `${host.slice(0, 150)}-${process.pid}${unnamed > 1 ? `-${unnamed}` : ''}`;
}
