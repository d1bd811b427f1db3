import type { AgentInfo } from '@reeve/sdk';
import type { Colors } from './colors.js';
import { relativeTime } from './relative-time.js';
import { safeText } from './safe-text.js';
import { clip } from './table.js';
import { pairsText, timeText } from './task-view.js';
import type { Scene, View } from './view.js';

const STATUS_COLORS: Readonly<Record<string, keyof Colors>> = {
  ACTIVE: 'green',
  BUSY: 'cyan',
  DRAINING: 'yellow',
  STALE: 'red',
  INACTIVE: 'dim',
};

export const AGENT_VIEW: View<AgentInfo> = {
  id: (agent) => agent.agentId,
  version: (agent) =>
    [agent.status, agent.inFlight, agent.slots, agent.healthScore, agent.instances.length].join(' '),
  columns: [
    { title: 'agent', value: (agent) => agent.agentId },
    { title: 'type', value: (agent) => agent.agentType },
    { title: 'status', value: (agent) => agent.status, text: statusText },
    { title: 'load', value: (agent) => `${agent.inFlight}/${agent.slots}` },
    {
      title: 'health',
      value: (agent) => agent.healthScore,
      text: (agent) => agent.healthScore.toFixed(2),
    },
    { title: 'instances', value: (agent) => agent.instances.length },
    {
      title: 'heard',
      value: (agent) => agent.lastHeartbeatTime?.toISOString(),
      text: (agent, scene) => relativeTime(agent.lastHeartbeatTime, scene.now),
    },
    {
      title: 'capabilities',
      value: (agent) => agent.capabilities.join(' '),
      text: (agent) => clip(safeText(agent.capabilities.join(' '))),
    },
  ],
  details: (agent, scene) => [
    ['Agent', safeText(agent.agentId)],
    ['Type', agent.agentType],
    ['Status', statusText(agent, scene)],
    ['Health', agent.healthScore.toFixed(2)],
    ['Load', `${agent.inFlight} of ${agent.slots} slots, takes ${agent.credit} more`],
    ['Capabilities', safeText(agent.capabilities.join(' '))],
    ['Services', safeText(agent.services.join(' '))],
    ['Tags', safeText(agent.tags.join(' '))],
    ['Region', safeText(agent.region ?? '')],
    ['Version', safeText(agent.version ?? '')],
    ['Endpoints', pairsText(agent.endpoints)],
    ['Metadata', pairsText(agent.metadata)],
    ['Registered', timeText(agent.registrationTime, scene)],
    ['Heard', timeText(agent.lastHeartbeatTime, scene)],
    [
      'Instances',
      agent.instances.map((i) => safeText(`${i.instanceKey} ${i.inFlight}/${i.slots}`)).join('\n'),
    ],
  ],
};

function statusText(agent: AgentInfo, { colors }: Scene): string {
  const name = STATUS_COLORS[agent.status];
  const paint = name ? colors[name] : undefined;
  return typeof paint === 'function' ? paint(agent.status) : agent.status;
}
