import type { AgentInfo, AgentQuery, AgentStatus, AgentType, AgentUpdate } from '@reeve/sdk';
import type { Command } from '../command.js';
import { usageError } from '../failure.js';
import type { Given } from '../given.js';
import { WATCH } from '../globals.js';
import type { Invocation } from '../invocation.js';
import { AGENT_VIEW } from '../output/agent-view.js';
import { showList, take } from '../show.js';
import { showFeed, type Told } from '../show-feed.js';
import { AGENT_STATUSES, AGENT_TYPES } from '../states.js';

const NONE = 'No agents. They dial in by themselves.';

export const AGENT_LIST: Command = {
  path: ['agent', 'list'],
  summary: 'List agents',
  detail: 'All conditions must hold; of several statuses, one.',
  options: [
    {
      name: 'status',
      value: 'STATUS',
      doc: 'only those in this status',
      many: true,
      choices: AGENT_STATUSES,
    },
    { name: 'type', value: 'TYPE', doc: 'only those of this type', choices: AGENT_TYPES },
    { name: 'capability', value: 'CAPABILITY', doc: 'only those that have this', many: true },
    { name: 'service', value: 'SERVICE', doc: 'only those that offer this', many: true },
    { name: 'tag', value: 'TAG', doc: 'only those that bear this', many: true },
    { name: 'region', value: 'REGION', doc: 'only those of this region' },
    { name: 'min-health', value: 'SHARE', doc: 'only those at least this healthy, 0 to 1' },
    {
      name: 'max-load',
      value: 'SHARE',
      doc: 'only those with at most this share of their slots taken, 0 to 1',
    },
    { name: 'all', doc: 'those that were deregistered too' },
    WATCH,
  ],
  examples: [
    { line: 'reeve agent list', doc: 'the fleet' },
    { line: 'reeve agent list --capability document.summarize --status active', doc: 'who can do it now' },
    { line: 'reeve agent list --watch', doc: 'as it changes' },
  ],
  run: async (invocation) => {
    const { given } = invocation;
    const agentType = given.text('type') as AgentType | undefined;
    const statuses = given.list('status') as readonly AgentStatus[];
    const region = given.text('region');
    const minHealth = share(given, 'min-health');
    const maxLoad = share(given, 'max-load');
    const query = {
      ...(region && { region }),
      ...(minHealth !== undefined && { minHealth }),
      ...(maxLoad !== undefined && { maxLoad }),
      ...(agentType && { agentType }),
      ...(statuses.length > 0 && { statuses: [...statuses] }),
      capabilities: [...given.list('capability')],
      services: [...given.list('service')],
      tags: [...given.list('tag')],
      includeDeregistered: given.switched('all') ?? false,
    };
    if (given.switched('watch')) return watchAgents(invocation, query);
    const load = async () => (await take(invocation.client().agents.list(query), 0)).taken;
    return showList(invocation, { view: AGENT_VIEW, load, none: NONE });
  },
};

function watchAgents(invocation: Invocation, query: AgentQuery): Promise<number> {
  const { signal } = invocation;
  invocation.beginWaiting('Leave --timeout out to watch without end.');
  async function* told(updates: AsyncIterable<AgentUpdate>): AsyncGenerator<Told<AgentInfo>> {
    for await (const update of updates) {
      if (update.type === 'SNAPSHOT') yield { all: update.agents };
      else yield { item: update.agent, left: update.type === 'LEFT' };
    }
  }
  return showFeed(invocation, {
    view: AGENT_VIEW,
    told: told(invocation.client().agents.watch(query, { signal })),
    none: NONE,
    order: (a, b) => (a < b ? -1 : 1),
  });
}

function share(given: Given, name: string): number | undefined {
  const raw = given.text(name);
  if (raw === undefined) return undefined;
  const value = Number(raw);
  if (/^\d*\.?\d+$/.test(raw) && value <= 1) return value;
  throw usageError(`--${name}: ${JSON.stringify(raw)} is not accepted, expected a number from 0 to 1`);
}
