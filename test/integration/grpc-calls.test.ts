import { randomUUID } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import {
  AgentService,
  CoordinatorService,
  TaskSource,
  TaskSpecSchema,
  TaskState,
  TaskView,
  Tier,
} from '@reeve/sdk/protocol';
import { describe, expect, it } from 'vitest';
import { ReeveError } from '../../src/api/errors.js';
import { detailsOf, failureOf } from '../api/support/grpc-client.js';
import { MAX_PAYLOAD_BYTES } from '../api/support/world.js';
import { serve } from '../support/grpc-world.js';

const coordinator = CoordinatorService.method;
const agents = AgentService.method;

describe('calls over gRPC', () => {
  it('submits a task and reads it back, its JSON input as bytes or as JSON', async () => {
    const { client } = await serve();
    const json = {
      kind: { case: 'structValue', value: { fields: { a: { kind: { case: 'numberValue', value: 1 } } } } },
    } as const;
    const { task } = await client.call(coordinator.submitTask, {
      task: { kind: 'echo', goal: 'be heard', input: { content: { case: 'json', value: json } } },
    });
    expect(task?.state).toBe(TaskState.QUEUED);
    const taskId = task?.taskId ?? '';

    const asBytes = await client.call(coordinator.getTask, { taskId });
    expect(asBytes.task?.spec?.goal).toBe('be heard');
    expect(asBytes.task?.spec?.requirements?.capabilities).toEqual(['echo']);
    const input = asBytes.task?.spec?.input;
    expect(input?.mediaType).toBe('application/json');
    expect(Buffer.from(input?.content.value as Uint8Array).toString()).toBe('{"a":1}');

    const asJson = await client.call(coordinator.getTask, { taskId, payloadAs: 2 });
    expect(asJson.task?.spec?.input?.content.case).toBe('json');
    const basic = await client.call(coordinator.getTask, { taskId, view: TaskView.BASIC });
    expect(basic.task?.spec?.input).toBeUndefined();
    expect(basic.task?.spec?.kind).toBe('echo');
  });

  it('keeps organisations apart by the metadata of the call', async () => {
    const { client } = await serve();
    const { task } = await client.call(coordinator.submitTask, { task: { kind: 'echo' } }, { org: 'acme' });
    const taskId = task?.taskId ?? '';
    expect((await client.call(coordinator.getTask, { taskId }, { org: 'acme' })).task?.org).toBe('acme');
    const other = await failureOf(client.call(coordinator.getTask, { taskId }, { org: 'other' }));
    const unknown = await failureOf(client.call(coordinator.getTask, { taskId: randomUUID() }));
    expect([other.code, unknown.code]).toEqual([status.NOT_FOUND, status.NOT_FOUND]);
    expect(detailsOf(other).info).toMatchObject({ reason: 'TASK_NOT_FOUND', domain: 'reeve.dev' });
    const bad = await failureOf(client.call(coordinator.getTask, { taskId }, { org: '../etc' }));
    expect(bad.code).toBe(status.INVALID_ARGUMENT);
    expect(detailsOf(bad).fields).toEqual(['metadata["org"]']);
  });

  it('answers broken rules with the path of each field', async () => {
    const { client, tasks } = await serve();
    const error = await failureOf(
      client.call(coordinator.submitTask, {
        task: { kind: 'no spaces', labels: { 'bad key': 'x' }, requirements: { minHealth: 2 } },
        requestId: 'a\u0000b',
      }),
    );
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    expect(detailsOf(error).fields).toEqual([
      'task.kind',
      'task.requirements.min_health',
      'task.labels["bad key"]',
      'request_id',
    ]);
    expect(tasks.size).toBe(0);
  });

  it('lets the sound items of a batch through and says what is wrong with the others', async () => {
    const { client, tasks } = await serve();
    const big = { content: { case: 'data', value: new Uint8Array(MAX_PAYLOAD_BYTES + 1) } } as const;
    const { outcomes } = await client.call(coordinator.batchSubmitTasks, {
      requests: [
        { task: { kind: 'a' } },
        { task: { kind: '' } },
        {},
        { task: { kind: 'b', input: big } },
        { task: { kind: 'c' } },
      ],
    });
    expect(outcomes.map(({ outcome }) => outcome.case)).toEqual([
      'submitted',
      'error',
      'error',
      'error',
      'submitted',
    ]);
    const errors = outcomes.flatMap(({ outcome }) => (outcome.case === 'error' ? [outcome.value] : []));
    expect(errors).toMatchObject([
      { code: status.INVALID_ARGUMENT, reason: 'INVALID_FIELD', field: 'requests[1].task.kind' },
      { code: status.INVALID_ARGUMENT, reason: 'INVALID_FIELD', field: 'requests[2].task' },
      { code: status.INVALID_ARGUMENT, reason: 'PAYLOAD_TOO_LARGE', field: 'requests[3].task.input' },
    ]);
    expect(errors[2]?.message).toContain(String(MAX_PAYLOAD_BYTES));
    expect(tasks.size).toBe(2);
    const empty = await failureOf(client.call(coordinator.batchSubmitTasks, { requests: [] }));
    expect(detailsOf(empty).fields).toEqual(['requests']);
  });

  it('answers a repeated request id with the same task', async () => {
    const { client, tasks } = await serve();
    const request = { task: { kind: 'echo', labels: { b: '2', a: '1' } }, requestId: 'r-1' };
    const first = await client.call(coordinator.submitTask, request);
    const again = await client.call(coordinator.submitTask, request);
    expect(again.task?.taskId).toBe(first.task?.taskId);
    expect([first.alreadySubmitted, again.alreadySubmitted]).toEqual([false, true]);
    expect(tasks.size).toBe(1);
  });

  it('stores work as AUTOMATED and NORMAL when the caller may not say HUMAN, and says so', async () => {
    const submitter = { org: 'default', subject: 'bob', roles: ['submitter'] };
    const { client, tasks } = await serve({ authenticate: () => submitter });
    const answer = await client.call(coordinator.submitTask, {
      task: { kind: 'echo', source: TaskSource.HUMAN, tier: Tier.URGENT },
    });
    expect(answer.notes).toEqual([expect.stringContaining('tasks.submit_human')]);
    const [task] = tasks.values();
    expect(task?.spec).toMatchObject({ source: 'AUTOMATED', tier: 'NORMAL', submitterSubjectId: 'bob' });
    const body = fromBinary(TaskSpecSchema, task?.spec.body ?? new Uint8Array());
    expect([body.source, body.tier]).toEqual([TaskSource.AUTOMATED, Tier.NORMAL]);
  });

  it('refuses callers without a role and callers without a credential', async () => {
    const { client } = await serve({ authenticate: () => ({ org: 'o', subject: 's', roles: ['viewer'] }) });
    const denied = await failureOf(client.call(coordinator.submitTask, { task: { kind: 'echo' } }));
    expect(denied.code).toBe(status.PERMISSION_DENIED);
    const closed = await serve({
      authenticate: () => {
        throw new ReeveError('UNAUTHENTICATED', 'NO_CREDENTIAL', 'no credential');
      },
    });
    const error = await failureOf(closed.client.call(agents.getServerInfo, {}));
    expect(error.code).toBe(status.UNAUTHENTICATED);
  });

  it('keeps the cause of an unexpected failure to the log, under the id that the caller gets', async () => {
    const { client, record, logged } = await serve();
    record.listTasks = async () => {
      throw new Error('the secret cause');
    };
    const error = await failureOf(client.call(coordinator.listTasks, {}));
    expect(error.code).toBe(status.INTERNAL);
    expect(error.details).not.toContain('secret');
    const { info } = detailsOf(error);
    const entry = logged.find(({ level }) => level === 'error');
    expect(entry?.fields).toMatchObject({ correlationId: info?.metadata.correlation_id });
    expect(String((entry?.fields as { err?: unknown } | undefined)?.err)).toContain('the secret cause');
  });

  it('says when to come back, and what was exceeded', async () => {
    const { client, record } = await serve();
    record.listTasks = async () => {
      throw new ReeveError('RESOURCE_EXHAUSTED', 'QUOTA', 'too many', { retryAfterMs: 1_500 });
    };
    const { retry, quota } = detailsOf(await failureOf(client.call(coordinator.listTasks, {})));
    expect(retry?.retryDelay).toMatchObject({ seconds: 1n, nanos: 500_000_000 });
    expect(quota?.violations).toHaveLength(1);
  });

  it('pages through a list, and refuses the token of another question', async () => {
    const { client, put } = await serve();
    const ids = Array.from({ length: 5 }, () => put().taskId).reverse();
    const found: string[] = [];
    let pageToken = '';
    let anyToken = '';
    do {
      const page = await client.call(coordinator.listTasks, { pageSize: 2, pageToken });
      found.push(...page.tasks.map((task) => task.taskId));
      anyToken = page.nextPageToken || anyToken;
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(found).toEqual(ids);
    for (const other of [
      { pageToken: anyToken, filter: { states: [TaskState.QUEUED] } },
      { pageToken: 'garbage' },
    ]) {
      const error = await failureOf(client.call(coordinator.listTasks, other));
      expect([error.code, detailsOf(error).fields]).toEqual([status.INVALID_ARGUMENT, ['page_token']]);
    }
    const foreign = await failureOf(
      client.call(coordinator.listTasks, { pageToken: anyToken }, { org: 'acme' }),
    );
    expect(foreign.code).toBe(status.INVALID_ARGUMENT);
  });

  it('cuts pages with payloads to what one message takes', async () => {
    const { client } = await serve();
    const input = { content: { case: 'data', value: new Uint8Array(200 * 1024) } } as const;
    await client.call(coordinator.batchSubmitTasks, {
      requests: Array.from({ length: 12 }, () => ({ task: { kind: 'echo', input } })),
    });
    const seen = new Set<string>();
    let pageToken = '';
    let pages = 0;
    do {
      const page = await client.call(coordinator.listTasks, { view: TaskView.FULL, pageToken });
      for (const task of page.tasks) seen.add(task.taskId);
      pageToken = page.nextPageToken;
      pages++;
    } while (pageToken !== '');
    expect(seen.size).toBe(12);
    expect(pages).toBeGreaterThan(1);
  });

  it('pages through an audit trail, and knows a task without one from no task', async () => {
    const { client, put } = await serve();
    const { taskId } = put({ seq: 5 });
    const first = await client.call(coordinator.listTaskEvents, { taskId, pageSize: 3 });
    const second = await client.call(coordinator.listTaskEvents, {
      taskId,
      pageSize: 3,
      pageToken: first.nextPageToken,
    });
    expect([...first.events, ...second.events].map((event) => event.seq)).toEqual([1n, 2n, 3n, 4n, 5n]);
    expect(second.nextPageToken).toBe('');
    expect(first.events[0]?.detail).toEqual({ tier: 'NORMAL' });
    const none = await failureOf(client.call(coordinator.listTaskEvents, { taskId: randomUUID() }));
    expect(none.code).toBe(status.NOT_FOUND);
  });

  it('registers agents, finds them and lets them go', async () => {
    const { client, goneAway } = await serve();
    for (const agentId of ['a-1', 'a-2', 'a-3']) {
      await client.call(agents.registerAgent, { agent: { agentId, capabilities: ['z', agentId] } });
    }
    const all = await client.call(agents.listAgents, { pageSize: 2 });
    const rest = await client.call(agents.listAgents, { pageSize: 2, pageToken: all.nextPageToken });
    expect([...all.agents, ...rest.agents].map((agent) => agent.spec?.agentId)).toEqual([
      'a-1',
      'a-2',
      'a-3',
    ]);
    expect(rest.nextPageToken).toBe('');
    const found = await client.call(agents.listAgents, { filter: { capabilities: ['a-2'] } });
    expect(found.agents.map((agent) => agent.spec?.agentId)).toEqual(['a-2']);
    await client.call(agents.deregisterAgent, { agentId: 'a-2' });
    expect(goneAway).toEqual(['a-2']);
    expect((await client.call(agents.listAgents, {})).agents).toHaveLength(2);
    const status3 = await failureOf(client.call(agents.updateAgentStatus, { agentId: 'a-1', status: 4 }));
    expect(detailsOf(status3).fields).toEqual(['status']);
    const none = await failureOf(client.call(agents.heartbeat, { agentId: 'nobody' }));
    expect(detailsOf(none).info?.reason).toBe('AGENT_NOT_FOUND');
  });
});
