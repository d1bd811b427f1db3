import { randomUUID } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { Outcome, TaskSpecSchema, WorkRequestSchema, type WorkResponse } from '@reeve/sdk/protocol';
import type { OrgConfig } from '../../src/domain/config/org-config.js';
import type { TaskSpec } from '../../src/domain/tasks/task.js';
import { NO_TERMS, type Terms } from '../../src/domain/tasks/terms.js';
import { createMemoryAgentRecord } from '../../src/memory/record/agent-record.js';
import { createMemoryTaskRecord } from '../../src/memory/record/task-record.js';
import type { CandidatePools } from '../../src/ports/candidate-pools.js';
import { type SubmitReply, submitTasks } from '../../src/usecases/submit-tasks.js';
import { createWorld } from '../conformance/task-record-world.js';
import { plainRequirements } from '../support/plain-task.js';
import { scriptedEngine, scriptedRules } from '../support/scripted-policies.js';
import { Chance } from './chance.js';
import type { ToServer } from './connection.js';
import { Coordinator, EPOCH } from './coordinator.js';
import { EventQueue } from './event-queue.js';
import { CALM, Network } from './network.js';

/** What an agent does with what it gets. */
export type Conduct = 'DO' | 'DECLINE' | 'FAIL' | 'HOLD';

type Answers = Parameters<typeof scriptedEngine>[0];

/** Coordinators on one record and virtual time without faults, with rules and policies that a test writes. */
export function createRoutingWorld(config: Partial<OrgConfig> = {}, answers: Answers = {}) {
  const queue = new EventQueue();
  const clock = { now: () => EPOCH + Math.floor(queue.now) };
  const record = createMemoryTaskRecord(clock);
  const agents = createMemoryAgentRecord(clock);
  const network = new Network(queue, new Chance(1), CALM);
  const world = createWorld(record);
  const { org } = world;
  const rules = scriptedRules(config);
  const engine = scriptedEngine(answers);
  /** Who is in which pool: all of these are in all. */
  const members = new Set<string>();
  const pools: CandidatePools = {
    has: (_org, _pool, subject) => members.has(subject),
    members: async () => members,
    problem: () => null,
    onChanged() {},
  };
  const errors: unknown[] = [];
  const pass = (ms: number) => queue.run(() => false, queue.now + ms);

  /** @param reconcileMs between two rounds over its record; default: one round is all */
  async function start(name: string, reconcileMs: number | null = null): Promise<Coordinator> {
    const coordinator = new Coordinator({
      name,
      network,
      record,
      agents,
      skewMs: 0,
      reconcileMs,
      policies: { orgRules: rules, policies: engine, pools },
      say() {},
      onError: (error) => errors.push(error),
    });
    await Promise.all([coordinator.start(), queue.run(() => false, queue.now + 100)]);
    return coordinator;
  }

  /** An agent that is connected. */
  async function connect(
    coordinator: Coordinator,
    agentId: string,
    conduct: Conduct = 'DO',
    { slots = 3, capabilities = ['work'] } = {},
  ) {
    const got: string[] = [];
    let granted = BigInt(slots);
    const principal = { org, subject: 'agent', roles: ['admin'] } as const;
    const send = (message: ToServer) => session.receive(create(WorkRequestSchema, { message }));
    const receive = ({ message }: WorkResponse): boolean => {
      if (message.case === 'ping') send({ case: 'pong', value: { nonce: message.value.nonce } });
      if (message.case !== 'assignments') return true;
      for (const { claim } of message.value.assignments) {
        if (!claim) continue;
        got.push(claim.taskId);
        if (conduct === 'DECLINE') send({ case: 'decline', value: { claims: [claim], reason: 'not now' } });
        else send({ case: 'accept', value: { claims: [claim] } });
        const outcome = conduct === 'FAIL' ? Outcome.FAILED : Outcome.SUCCEEDED;
        if (conduct === 'DO' || conduct === 'FAIL') {
          const error = { kind: 'Broken', message: 'broken', retryable: true };
          const result = conduct === 'DO' ? { outcome } : { outcome, error };
          const report = { claim, resultId: randomUUID(), result };
          send({ case: 'results', value: { results: [report] } });
        }
        if (conduct !== 'HOLD') {
          granted += 1n;
          send({ case: 'grant', value: { grantedTotal: granted } });
        }
      }
      return true;
    };
    const session = coordinator.open({ principal, send: receive, end() {}, fail() {} });
    send({ case: 'hello', value: { agent: { agentId, capabilities }, instanceKey: randomUUID(), slots } });
    send({ case: 'grant', value: { grantedTotal: granted } });
    await pass(200);
    return {
      got,
      drain: () => send({ case: 'drain', value: {} }),
      leave: () => session.closed(),
    };
  }

  async function submit(
    coordinator: Coordinator,
    terms: {
      readonly policies?: Partial<Terms['policies']>;
      readonly routing?: Partial<Terms['routing']>;
    } = {},
    spec: Partial<TaskSpec> = {},
    requireCandidate = false,
  ): Promise<SubmitReply> {
    const all: Terms = {
      ...NO_TERMS,
      policies: { ...NO_TERMS.policies, ...terms.policies },
      routing: { ...NO_TERMS.routing, ...terms.routing },
    };
    const { approval, priority, auctionInput, planRetrieve } = all.policies;
    const named = { approval, priority, auctionInput, planRetrieve };
    const policies = Object.fromEntries(Object.entries(named).filter(([, id]) => id !== null));
    const body = toBinary(TaskSpecSchema, create(TaskSpecSchema, { kind: 'work', policies }));
    const requirements = plainRequirements(['work']);
    const { spec: plain } = world.newTask({ requirements, kind: 'work', body, ...spec });
    const replies = submitTasks(coordinator.ports)({ org, subject: 'alice', roles: ['admin'] }, [
      { spec: plain, terms: all, requireCandidate, request: null },
    ]);
    await pass(500);
    return (await replies)[0] as SubmitReply;
  }

  /** Submits a task that is accepted, and answers with its id. */
  async function accepted(...args: Parameters<typeof submit>): Promise<string> {
    const reply = await submit(...args);
    if (!reply.ok) throw reply.error;
    return reply.taskId;
  }

  /** The reasons of the events that say where it went. */
  async function routings(taskId: string): Promise<readonly string[]> {
    const events = await record.listTaskEvents(org, taskId, 0, 1_000);
    return events.filter(({ type }) => type === 'ROUTED').map(({ reason }) => reason);
  }

  return {
    ...{
      queue,
      record,
      world,
      org,
      rules,
      engine,
      members,
      errors,
      pass,
      start,
      connect,
      submit,
      accepted,
      routings,
    },
    stateOf: async (taskId: string) => (await world.get(taskId)).state,
    holderOf: async (taskId: string) => (await world.get(taskId)).agentId,
  };
}
