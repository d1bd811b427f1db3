import type { AgentInfo, OperationInfo, QueueStats, TaskInfo } from '@reeve/sdk';
import { AGENT_VIEW } from './agent-view.js';
import { OPERATION_VIEW } from './operation-view.js';
import { partText, TIER_VIEW } from './queue-view.js';
import { table } from './table.js';
import { TASK_VIEW } from './task-view.js';
import type { Scene, View } from './view.js';

/** What is going on, at one moment. */
export interface TopSnapshot {
  readonly time: Date;
  readonly queue: QueueStats;
  readonly agents: readonly AgentInfo[];
  /** Those that run. */
  readonly tasks: readonly TaskInfo[];
  /** Those that have not ended. */
  readonly operations: readonly OperationInfo[];
  /** Whether there are more of them than are in their lists. */
  readonly hasMore: { readonly agents: boolean; readonly tasks: boolean; readonly operations: boolean };
}

export const TOP_VIEW: View<TopSnapshot> = {
  id: ({ time }) => time.toISOString(),
  version: ({ time }) => time.toISOString(),
  columns: [
    { title: 'time', value: ({ time }) => time.toISOString() },
    { title: 'waiting', value: ({ queue }) => sum(queue.tiers, (tier) => tier.waiting) },
    { title: 'delayed', value: ({ queue }) => sum(queue.tiers, (tier) => tier.delayed) },
    { title: 'held', value: ({ queue }) => sum(queue.tiers, (tier) => tier.held) },
    { title: 'claimed/s', value: ({ queue }) => sum(queue.tiers, ({ rates }) => rates.claimed) },
    { title: 'agents', value: ({ agents }) => agents.length },
    { title: 'inFlight', value: ({ agents }) => sum(agents, (agent) => agent.inFlight) },
    { title: 'slots', value: ({ agents }) => sum(agents, (agent) => agent.slots) },
    { title: 'operations', value: ({ operations }) => operations.length },
  ],
};

/** Rows of a screen that are for agents; the busiest are shown. */
const SHOWN_AGENTS = 15;
const SHOWN_PAUSES = 5;

const AGENTS = only(AGENT_VIEW, ['agent', 'status', 'load', 'health', 'heard']);
const TASKS = only(TASK_VIEW, ['task', 'kind', 'tier', 'agent', 'attempt', 'progress', 'created']);
const OPERATIONS = only(OPERATION_VIEW, ['operation', 'verb', 'state', 'total', 'done', 'skipped', 'failed']);

/** The whole screen. */
export function topScreen(snapshot: TopSnapshot, scene: Scene): string {
  const { time, queue, agents, tasks, operations, hasMore } = snapshot;
  const { colors } = scene;
  const inFlight = sum(agents, (agent) => agent.inFlight);
  const slots = sum(agents, (agent) => agent.slots);
  const claimed = sum(queue.tiers, ({ rates }) => rates.claimed).toFixed(1);
  const waiting = sum(queue.tiers, (tier) => tier.waiting).toLocaleString('en');
  const head = `${time.toISOString()}  ${waiting} waiting  ${claimed} claimed/s  ${inFlight} of ${slots} slots`;
  const busiest = [...agents].sort((a, b) => b.inFlight - a.inFlight || (a.agentId < b.agentId ? -1 : 1));
  const more = (is: boolean) => (is ? colors.dim('…\n') : '');
  const parts = [
    `${colors.bold(head)}\n`,
    table(TIER_VIEW, queue.tiers, scene, ''),
    pausesText(queue, scene),
    table(AGENTS, busiest.slice(0, SHOWN_AGENTS), scene, 'No agents.') +
      more(hasMore.agents || agents.length > SHOWN_AGENTS),
    table(TASKS, tasks, scene, 'Nothing runs.') + more(hasMore.tasks),
    operations.length > 0 ? table(OPERATIONS, operations, scene, '') + more(hasMore.operations) : '',
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function pausesText({ pauses }: QueueStats, { colors }: Scene): string {
  if (pauses.length === 0) return '';
  const shown = pauses.slice(0, SHOWN_PAUSES).map(({ part }) => partText(part));
  const left = pauses.length - shown.length;
  return colors.yellow(`paused: ${shown.join(', ')}${left > 0 ? ` and ${left} more` : ''}\n`);
}

function only<T>(view: View<T>, titles: readonly string[]): View<T> {
  return { ...view, columns: view.columns.filter(({ title }) => titles.includes(title)) };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
