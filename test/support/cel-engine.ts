import type { JsonObject } from '../../src/domain/json.js';
import type { Policy, PolicyKind } from '../../src/domain/policies/policy.js';
import type { PolicyCandidate, PolicyInput, PolicyTask } from '../../src/domain/policies/policy-input.js';
import { createCelEngine } from '../../src/policies/cel/cel-engine.js';
import { createExpressionEngine } from '../../src/policies/cel/expression-engine.js';
import { WorkQueue } from '../../src/policies/cel/work-queue.js';
import { systemClock } from '../../src/system/clock.js';

/** An engine for policies in CEL on a thread of its own; stop it. */
export function startCelEngine(): ReturnType<typeof createCelEngine> {
  return createCelEngine(new WorkQueue({ clock: systemClock, log: QUIET }));
}

/** An engine for expressions of workflows, with the one for policies on the same thread; stop that one. */
export function startExpressionEngine() {
  const queue = new WorkQueue({ clock: systemClock, log: QUIET });
  return { policies: createCelEngine(queue), expressions: createExpressionEngine(queue) };
}

const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

/** A policy in CEL. */
export function celPolicy(
  kind: PolicyKind,
  expression: string,
  {
    policyId = 'p',
    deadlineMs = null,
  }: { readonly policyId?: string; readonly deadlineMs?: number | null } = {},
): Pick<Policy, 'org' | 'policyId' | 'version' | 'kind' | 'rule' | 'deadlineMs'> {
  return { org: 'acme', policyId, version: 1, kind, rule: { kind: 'CEL', expression }, deadlineMs };
}

/** 2026-03-02 10:00 UTC, a Monday. */
export const NOW = Date.UTC(2026, 2, 2, 10);

export function policyTask(fields: Partial<PolicyTask> = {}): PolicyTask {
  return {
    task_id: '018f0000-0000-7000-8000-000000000001',
    kind: 'ocr.scan',
    goal: 'Read the invoices of May',
    intent: 'book-keeping',
    submitter_subject_id: 'ann',
    job_space_id: 'finance',
    parent_task_id: '',
    tier: 'NORMAL',
    source: 'AUTOMATED',
    labels: { env: 'prod', team: 'books' },
    input: { pages: 12, price: 1.5, files: ['a.pdf', 'b.pdf'] },
    urgency: 300,
    impact: 500,
    priority: 0,
    dependencies: 0,
    create_time: NOW - 60_000,
    run_at: null,
    deadline: NOW + 3_600_000,
    capabilities: ['ocr', 'gpu'],
    roles: [],
    ...fields,
  };
}

export function policyCandidate(fields: Partial<PolicyCandidate> = {}): PolicyCandidate {
  return {
    agent_id: 'agent-1',
    agent_type: 'WORKER',
    capabilities: ['ocr'],
    services: [],
    tags: ['eu'],
    region: 'eu-west',
    version: '1.2.0',
    health_score: 0.9,
    slots: 4,
    in_flight: 1,
    attempts: 20,
    success_rate: 0.95,
    mean_seconds: 3.5,
    cpu: 0.4,
    memory: null,
    gpu: null,
    ...fields,
  };
}

export function policyInput(
  task: Partial<PolicyTask> = {},
  {
    org = {},
    candidates,
  }: { readonly org?: JsonObject; readonly candidates?: readonly PolicyCandidate[] } = {},
): PolicyInput {
  return { task: policyTask(task), org, now: NOW, ...(candidates && { candidates }) };
}
