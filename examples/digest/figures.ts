import type { Client, TaskInfo } from '@reeve/sdk';
import { auditQuestion, type QuestionAudit } from './audit.js';
import { waitOf } from './waits.js';

/** From runnable to claimed, in ms, of tasks that were claimed once. */
export interface Wait {
  readonly tier: string;
  readonly tasks: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

export interface AgentShare {
  readonly agentId: string;
  readonly kinds: Readonly<Record<string, number>>;
  /** The sum over its tasks, which overlap. */
  readonly workedMs: number;
}

/** What the coordinator's record says of a run. */
export interface Figures {
  readonly tasks: number;
  readonly states: Readonly<Record<string, number>>;
  /** Attempts that were begun again: after a crash, or because one failed. */
  readonly claimedAgain: number;
  readonly waits: readonly Wait[];
  readonly shares: readonly AgentShare[];
  readonly question: QuestionAudit | undefined;
}

const TIER_ORDER = ['person', 'CRITICAL', 'URGENT', 'HIGH', 'NORMAL', 'LOW'];

export async function readFigures(client: Client, runId: string): Promise<Figures> {
  const tasks: TaskInfo[] = [];
  for await (const task of client.list({ labels: { run: runId } })) tasks.push(task);
  const states: Record<string, number> = {};
  for (const { state } of tasks) states[state] = (states[state] ?? 0) + 1;
  return {
    tasks: tasks.length,
    states,
    claimedAgain: tasks.filter(({ epoch }) => epoch > 1).length,
    waits: waitsOf(tasks),
    shares: sharesOf(tasks),
    question: await auditQuestion(client, tasks),
  };
}

function waitsOf(tasks: readonly TaskInfo[]): Wait[] {
  const byTier = new Map<string, number[]>();
  for (const task of tasks) {
    const wait = waitOf(task);
    if (wait === undefined) continue;
    const name = task.source === 'HUMAN' ? 'person' : task.tier;
    const waits = byTier.get(name) ?? [];
    waits.push(wait);
    byTier.set(name, waits);
  }
  return [...byTier]
    .sort(([a], [b]) => TIER_ORDER.indexOf(a) - TIER_ORDER.indexOf(b))
    .map(([tier, waits]) => {
      waits.sort((a, b) => a - b);
      const at = (share: number) => waits[Math.min(waits.length - 1, Math.floor(share * waits.length))] ?? 0;
      return { tier, tasks: waits.length, p50: at(0.5), p95: at(0.95), max: at(1) };
    });
}

function sharesOf(tasks: readonly TaskInfo[]): AgentShare[] {
  const shares = new Map<string, { kinds: Record<string, number>; workedMs: number }>();
  for (const { agentId, kind, startTime, finishTime } of tasks) {
    if (agentId === '') continue;
    const share = shares.get(agentId) ?? { kinds: {}, workedMs: 0 };
    share.kinds[kind] = (share.kinds[kind] ?? 0) + 1;
    if (startTime && finishTime) share.workedMs += finishTime.getTime() - startTime.getTime();
    shares.set(agentId, share);
  }
  return [...shares].sort(([a], [b]) => (a < b ? -1 : 1)).map(([agentId, share]) => ({ agentId, ...share }));
}
