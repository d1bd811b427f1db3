import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type AgentService,
  AgentStatus,
  AgentStatusSchema,
  type WatchAgentsResponseSchema,
} from '@reeve/sdk/protocol';
import type { AgentIntent } from '../../domain/agents/agent.js';
import { agentNotFound, invalidArgument } from '../../domain/errors.js';
import type { AgentView } from '../../ports/fleet.js';
import type { Handlers } from '../call.js';
import type { AgentStep } from '../feeds/agent-watch.js';
import { linkSignals } from '../link-signals.js';
import { toDomainAgentSpec, toDomainLoad, toProtoAgent } from '../mapping/agent.js';
import { toAgentChoice } from '../mapping/agent-filter.js';
import { mustBeOneOf } from '../mapping/enum-names.js';
import { fitting } from '../mapping/lists.js';
import { durationOf, timestampOf } from '../mapping/time.js';
import { CURSORS, cursorOf, pageTokenOf } from '../page-token.js';
import { ANSWER_BYTES, type Context, shuttingDown } from './context.js';
import type { LeaseHandlers } from './leases.js';

/** The version of the Work protocol that this server speaks. */
export const PROTOCOL_VERSION = 1;

const INTENTS: ReadonlyMap<AgentStatus, AgentIntent> = new Map([
  [AgentStatus.ACTIVE, 'ACTIVE'],
  [AgentStatus.INACTIVE, 'INACTIVE'],
  [AgentStatus.DRAINING, 'DRAINING'],
]);

/** AgentService but for Work, which is a session, and its unary twins. */
export function agentHandlers({
  ports,
  info,
  agentWatchers,
  closing,
}: Context): Omit<Handlers<typeof AgentService>, keyof LeaseHandlers | 'listBidders'> {
  const { fleet, sessions, clock } = ports;

  return {
    async registerAgent({ org }, { agent }) {
      if (!agent) throw invalidArgument([{ field: 'agent', description: 'must be set' }]);
      return { agent: toProtoAgent(await fleet.register(org, toDomainAgentSpec(agent))) };
    },

    async deregisterAgent({ org, subject }, { agentId, reason }) {
      const agent = orThrow(await fleet.deregister(org, agentId, subject, reason), agentId);
      sessions.goAway(org, agentId, 'DEREGISTERED');
      return { agent: toProtoAgent(agent) };
    },

    async getAgent({ org }, { agentId }) {
      return { agent: toProtoAgent(orThrow(await fleet.find(org, agentId), agentId)) };
    },

    async listAgents({ org }, request) {
      const { conditions, isChosen } = toAgentChoice(request.filter);
      const question = ['ListAgents', org, conditions];
      const limit = request.pageSize || 50;
      const after = cursorOf(question, request.pageToken, CURSORS.TEXT) ?? '';
      const agents = fleet.list(org, after, limit + 1, isChosen);
      const page = agents.slice(0, limit);
      const last = page.at(-1);
      return {
        agents: page.map(toProtoAgent),
        nextPageToken: agents.length > limit && last ? pageTokenOf(question, last.entry.spec.agentId) : '',
      };
    },

    async *watchAgents({ org }, request, call) {
      const { isChosen } = toAgentChoice(request.filter);
      const linked = linkSignals([call.signal, closing]);
      try {
        for await (const step of agentWatchers.watch(org, isChosen, linked.signal)) {
          yield* inMessages(step);
        }
      } finally {
        linked.release();
      }
      if (closing.aborted && !call.signal.aborted) throw shuttingDown();
    },

    async updateAgentStatus({ org, subject }, { agentId, status }) {
      const intent = INTENTS.get(status);
      if (!intent) {
        throw invalidArgument([
          { field: 'status', description: mustBeOneOf(AgentStatusSchema, [...INTENTS.values()]) },
        ]);
      }
      const agent = await fleet.setIntent(org, agentId, intent, subject);
      return { agent: toProtoAgent(orThrow(agent, agentId)) };
    },

    async heartbeat({ org }, { agentId, load }) {
      await fleet.find(org, agentId);
      if (!fleet.heartbeat(org, agentId, load ? toDomainLoad(load) : null)) throw agentNotFound(agentId);
      return { interval: durationOf(info.heartbeatIntervalMs), serverTime: timestampOf(clock.now()) };
    },

    async getServerInfo() {
      const { version, mode, limits, features } = info;
      return { version, mode, limits, protocolVersion: PROTOCOL_VERSION, features: [...(features ?? [])] };
    },
  };
}

function orThrow(agent: AgentView | null, agentId: string): AgentView {
  if (!agent) throw agentNotFound(agentId);
  return agent;
}

/** An agent says up to about 150 KiB of itself: a message holds what its reader takes. */
function* inMessages({
  changes,
  ...step
}: AgentStep): Generator<MessageInitShape<typeof WatchAgentsResponseSchema>> {
  let rest = changes;
  do {
    const part = fitting(rest, ANSWER_BYTES, ({ agent }) => 500 + JSON.stringify(agent.entry.spec).length);
    rest = rest.slice(part.length);
    yield {
      changes: part.map(({ agent, left }) => ({ agent: toProtoAgent(agent), left })),
      snapshot: step.snapshot,
      snapshotComplete: step.snapshotComplete && rest.length === 0,
    };
  } while (rest.length > 0);
}
