import type { Principal } from '../../src/domain/access/principal.js';
import { ReeveError } from '../../src/domain/errors.js';
import { isTerminal } from '../../src/domain/tasks/task-state.js';
import { isOver } from '../../src/domain/workflows/workflow.js';
import { createMemoryAgentRecord } from '../../src/memory/record/agent-record.js';
import { createTables, keyOf } from '../../src/memory/record/tables.js';
import { createMemoryTaskRecord } from '../../src/memory/record/task-record.js';
import { createMemoryWorkflowRecord } from '../../src/memory/record/workflows/workflow-record.js';
import type { WorkflowRow } from '../../src/memory/record/workflows/workflow-row.js';
import type { Failpoint } from '../../src/ports/failpoints.js';
import type { ContextWrite } from '../../src/ports/workflow-record.js';
import { retryTasks } from '../../src/usecases/retry-tasks.js';
import { cancelWorkflow } from '../../src/usecases/workflows/cancel.js';
import { LoadedWorkflows } from '../../src/usecases/workflows/loaded-workflows.js';
import { patchContext } from '../../src/usecases/workflows/patch-context.js';
import { retryWorkflow } from '../../src/usecases/workflows/retry.js';
import { startWorkflow } from '../../src/usecases/workflows/start.js';
import { Agent } from './agent.js';
import { CEL_EXPRESSIONS } from './cel-expressions.js';
import { Chance } from './chance.js';
import { ORG } from './connection.js';
import { Coordinator, EPOCH } from './coordinator.js';
import { EventQueue } from './event-queue.js';
import { foundContexts, WITH_PROVIDER } from './found-contexts.js';
import { KINDS } from './jobs.js';
import { CALM, Network } from './network.js';
import type { ScriptOf } from './reports.js';
import { Trace } from './trace.js';
import { type Asked, stuck } from './workflow-asked.js';
import { outputOf, toldOf } from './workflow-items.js';
import type { WorkflowOutcome, WorkflowWorldOptions } from './workflow-options.js';

const PRINCIPAL: Principal = { org: ORG, subject: 'client', roles: ['admin'] };
const QUIET_WITHIN_MS = 400_000;
const LIMITS = { chunk: 6, batch: 2, maxOpen: 40 };

/**
 * Workflows on virtual time: coordinators over one record run them and die, agents do their tasks by a script, and a client
 * starts, cancels, retries and mends, until all is over and nothing is open.
 */
export async function simulateWorkflows(options: WorkflowWorldOptions): Promise<WorkflowOutcome> {
  const { seed } = options;
  const queue = new EventQueue();
  const chance = new Chance(seed);
  const trace = new Trace(() => queue.now);
  const network = new Network(queue, chance, { lostCall: 0.01, lostReply: 0.01, slow: 0.01 });
  const recordClock = { now: () => EPOCH + Math.floor(queue.now) };
  const tables = createTables();
  const tasks = createMemoryTaskRecord(recordClock, tables);
  const record = options.wrapTasks?.(tasks) ?? tasks;
  const plain = createMemoryWorkflowRecord(recordClock, tables);
  const workflows = options.planted?.(plain) ?? plain;
  const contexts = options.contexts ?? foundContexts();
  const agentRecord = createMemoryAgentRecord(recordClock);
  const errors: string[] = [];
  const deaths = new Map<string, number>();
  let calm = false;

  const coordinators: Coordinator[] = [];
  let lives = 0;
  const crash = (place: number, why: string) => {
    const coordinator = coordinators[place];
    if (!coordinator?.isAlive) return;
    trace.say(coordinator.name, `dies ${why}`);
    coordinator.crash();
    for (const agent of agents) if (agent.coordinator === coordinator) agent.cut(true);
    queue.after(chance.between(50, 4_000), () => launch(place));
  };
  const launch = (place: number) => {
    const name = `coordinator-${++lives}`;
    const hit = (point: Failpoint): Promise<void> | undefined => {
      if (calm || !point.startsWith('workflow.')) return undefined;
      if (options.failpoints && !options.failpoints.includes(point)) return undefined;
      if (!chance.happens(options.deadly)) return undefined;
      deaths.set(point, (deaths.get(point) ?? 0) + 1);
      crash(place, `at ${point}`);
      return new Promise(() => {});
    };
    const coordinator = new Coordinator({
      name,
      network,
      record,
      agents: agentRecord,
      skewMs: chance.between(-2_000, 2_000),
      reconcileMs: 4_000,
      policies: { orgRules: WITH_PROVIDER },
      workflows: { workflows, expressions: CEL_EXPRESSIONS, failpoints: { hit }, contexts },
      limits: options.limits ?? LIMITS,
      say: (what) => trace.say(name, what),
      onError: (error) => errors.push(`${name}: ${error instanceof Error ? error.stack : String(error)}`),
    });
    coordinators[place] = coordinator;
    trace.say(name, 'starts');
    void coordinator.start();
  };
  const findCoordinator = () => chance.pick(coordinators.filter((one) => one.isAlive));

  const asked: Asked[] = options
    .specs(chance)
    .map((spec) => ({ spec, workflowId: null, cancelled: false, mended: false, retries: 0 }));
  const byName = new Map(asked.map((one) => [one.spec.name, one]));
  const mendedTasks = new Set<string>();
  const scriptOf: ScriptOf = (taskId, { labels, input }) => {
    const bytes = input?.content.case === 'data' ? input.content.value : new Uint8Array();
    const told = toldOf(JSON.parse(Buffer.from(bytes).toString('utf8')));
    const fails = told.bad && !mendedTasks.has(taskId) && byName.get(labels.workflow ?? '')?.mended !== true;
    return { fails, output: outputOf(told) };
  };
  const agents = Array.from({ length: chance.between(2, 4) }, (_, i) => {
    const agentId = `agent-${i + 1}`;
    return new Agent({
      agentId,
      kinds: KINDS.filter(() => i === 0 || chance.happens(0.6)),
      slots: chance.between(2, 5),
      network,
      history: trace.historyOf(agentId),
      say: (what) => trace.say(agentId, what),
      findCoordinator,
      scriptOf,
    });
  });
  for (let place = 0; place < options.coordinators; place++) launch(place);
  for (const agent of agents) queue.after(chance.random() * 500, () => agent.connect());

  let unanswered = 0;
  /** Asks until there is an answer. */
  const ask = <T>(
    call: (coordinator: Coordinator) => Promise<T>,
    told: (answer: T | ReeveError) => void,
  ): void => {
    unanswered += 1;
    attempt(call, (answer) => {
      unanswered -= 1;
      told(answer);
    });
  };
  const attempt = <T>(
    call: (coordinator: Coordinator) => Promise<T>,
    told: (answer: T | ReeveError) => void,
  ): void => {
    let open = true;
    const answer = (value: T | ReeveError | null) => {
      if (!open) return;
      open = false;
      if (value !== null) told(value);
      else queue.after(chance.between(50, 500), () => attempt(call, told));
    };
    queue.after(8_000, () => answer(null));
    const coordinator = findCoordinator();
    if (!coordinator) return;
    const reply = (value: T | ReeveError | null) => network.carry(() => coordinator.isAlive && answer(value));
    network.carry(() => {
      if (!coordinator.isAlive) return;
      call(coordinator).then(reply, (error: unknown) =>
        reply(error instanceof ReeveError && error.code !== 'UNAVAILABLE' ? error : null),
      );
    });
  };
  const rowOf = ({ workflowId }: Asked): WorkflowRow => {
    const row = tables.workflows.get(keyOf(ORG, workflowId ?? ''));
    if (!row) throw new Error(`there is no workflow ${workflowId}`);
    return row;
  };
  const keyOfAsked = ({ workflowId }: Asked) => ({ org: ORG, workflowId: workflowId ?? '' });
  const faultsMs = chance.between(6_000, 20_000);

  for (const [i, one] of asked.entries()) {
    const request = { requestId: `start-${i}`, bodyHash: new Uint8Array([i]) };
    queue.after(chance.random() * faultsMs * 0.5, () =>
      ask(
        ({ workflows: ports }) => startWorkflow(ports)(PRINCIPAL, { spec: one.spec, request }),
        (answer) => {
          if (answer instanceof ReeveError) {
            errors.push(`a workflow was refused: ${answer.message}`);
            return;
          }
          one.workflowId = answer.workflow.workflowId;
          if (options.steers && chance.happens(0.25)) queue.after(chance.random() * 8_000, () => cancel(one));
        },
      ),
    );
  }
  const patched = new Set<Asked>();
  const patchExpanded = (patches: readonly ContextWrite[]) => {
    for (const one of asked) {
      if (one.workflowId === null || patched.has(one)) continue;
      if (!rowOf(one).events.some(({ type }) => type === 'NODE_EXPANDED')) continue;
      patched.add(one);
      ask(
        ({ workflows: w }) =>
          patchContext({ ...w, loaded: new LoadedWorkflows(w) })(PRINCIPAL, keyOfAsked(one), patches),
        (answer) => {
          if (answer instanceof ReeveError) patched.delete(one);
          else trace.say('client', `patches ${one.spec.name}`);
        },
      );
    }
    queue.after(20, () => patchExpanded(patches));
  };
  if (options.patches) patchExpanded(options.patches);
  const cancel = (one: Asked) => {
    ask(
      ({ workflows: ports }) => cancelWorkflow(ports)(PRINCIPAL, keyOfAsked(one), 'by chance'),
      (answer) => {
        one.cancelled ||= !(answer instanceof ReeveError);
      },
    );
    // It may be on its way although nobody has heard of it.
    one.cancelled = true;
  };
  /** What a person does: mends what escalates, and now and then retries what has ended badly. */
  const tend = () => {
    for (const one of asked) {
      if (one.workflowId === null) continue;
      const row = rowOf(one);
      const { state } = row.workflow;
      if (row.nodes.some((node) => node.state === 'ESCALATED')) mend(one, row);
      const isBad = state === 'FAILED' || state === 'CANCELLED' || state === 'PARTIAL';
      if (!options.steers || !isBad || one.retries > 0 || !chance.happens(0.6)) continue;
      one.retries += 1;
      one.mended = true;
      ask(
        ({ workflows: ports }) => retryWorkflow(ports)(PRINCIPAL, keyOfAsked(one), 'by chance'),
        () => {},
      );
    }
    queue.after(2_000, tend);
  };
  const mend = (one: Asked, row: WorkflowRow) => {
    const escalated = row.nodes.filter((node) => node.state === 'ESCALATED').map(({ node }) => node);
    const failed = (tables.workflowTasks.get(keyOf(ORG, one.workflowId ?? '')) ?? []).filter(
      ({ state, workflow }) =>
        workflow !== null &&
        escalated.includes(workflow.node) &&
        isTerminal(state) &&
        state !== 'SUCCEEDED' &&
        workflow.run === row.nodes[workflow.node]?.run,
    );
    for (const { taskId } of failed) mendedTasks.add(taskId);
    ask(
      ({ ports }) =>
        retryTasks(ports)(
          PRINCIPAL,
          failed.map(({ taskId }) => ({ taskId, reason: 'mended' })),
        ),
      () => {},
    );
  };
  queue.after(2_000, tend);

  const nextFault = () => {
    if (calm) return;
    const agent = chance.pick(agents);
    const fault = chance.weighted({ crash: 2, cut: 2, freeze: 2, kill: 2 });
    if (fault === 'crash') crash(chance.between(0, options.coordinators - 1), 'by chance');
    else if (fault === 'cut') agent?.cut(chance.happens(0.4));
    else if (fault === 'freeze') agent?.freeze(chance.between(500, 15_000));
    else agent?.crash(chance.happens(0.3), chance.between(100, 3_000));
    queue.after(chance.between(500, 5_000), nextFault);
  };
  queue.after(1_000, nextFault);

  await queue.run(() => false, faultsMs);
  trace.say('world', 'no more faults');
  calm = true;
  network.weather = CALM;
  for (const agent of agents) {
    agent.calm = true;
    agent.thaw();
  }
  const isQuiet = () =>
    unanswered === 0 &&
    asked.every((one) => one.workflowId !== null && isOver(rowOf(one).workflow.state)) &&
    [...tables.tasks.values()].every(({ state }) => isTerminal(state));
  const quiet = await queue.run(isQuiet, faultsMs + QUIET_WITHIN_MS);
  if (!quiet) errors.push(`it is not quiet within ${QUIET_WITHIN_MS} ms: ${stuck(asked, tables)}`);
  return { asked, tables, trace, errors, deaths, rowOf };
}
