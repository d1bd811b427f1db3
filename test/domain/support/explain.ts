import { explain } from '../../../src/domain/explain/explain-task.js';
import type { AgentFacts, Facts } from '../../../src/domain/explain/facts.js';
import { newAgent } from '../../../src/domain/explain/ways.js';
import { NO_REQUIREMENTS } from '../../../src/domain/tasks/requirements.js';
import type { Task } from '../../../src/domain/tasks/task.js';
import { TIER_AGING } from '../../../src/domain/tasks/tier.js';
import { plainSpec } from '../../support/plain-task.js';

export const NOW = Date.UTC(2026, 0, 1);

export function taskIn(state: Task['state'], over: Partial<Task> = {}): Task {
  return {
    ...{ org: 'acme', taskId: 't1', state, tier: 'NORMAL', score: 0, epoch: 0, series: 0, attempt: 0 },
    ...{
      deliveries: 0,
      preemptions: 0,
      agentId: null,
      reason: '',
      pending: 0,
      seq: 1,
      createTime: NOW,
      runnableTime: NOW,
    },
    ...{
      runTime: null,
      startTime: null,
      finishTime: null,
      spec: plainSpec('work'),
      result: null,
      workflow: null,
      hasCheckpoint: false,
    },
    ...over,
  };
}

/** What is told of a task, given what is known of it. */
export function setup(task: Task, over: Partial<Facts> = {}) {
  return explain({
    task,
    standing: { kind: 'SHARED' },
    ...{
      events: [],
      decisions: [],
      approval: null,
      missingPlan: null,
      planTries: null,
      directory: null,
      holds: [],
      upstreams: [],
      place: null,
      delayed: [],
      agents: [],
      connected: 0,
    },
    ...{
      minHealth: 0.5,
      headStarts: TIER_AGING,
      overtaking: 0,
      expectedMs: null,
      durationTermMs: 0,
      greatestHeadStartMs: TIER_AGING.CRITICAL,
      maxCandidates: 20,
      now: NOW,
    },
    ...over,
  });
}

export function agentOf(agentId: string, over: Partial<AgentFacts> = {}): AgentFacts {
  const spec = { ...newAgent(NO_REQUIREMENTS), agentId };
  const condition = { health: 1, intent: 'ACTIVE' } as const;
  return { spec, condition, against: [], instances: 1, slots: 2, inFlight: 0, credit: 2, ...over };
}
