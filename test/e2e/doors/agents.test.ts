import { randomUUID } from 'node:crypto';
import {
  AgentService,
  AgentStatus,
  AgentType,
  CoordinatorService,
  LeaseVerdict,
  Outcome,
  ResultVerdict,
  TaskState,
} from '@reeve/sdk/protocol';
import { expect, vi } from 'vitest';
import { grpcurl } from '../../support/grpcurl.js';
import { all, json, type Row, register, showRows, submit } from '../../support/rows.js';
import { runTool } from '../../support/tools.js';

const agents = AgentService.method;
const { getTask } = CoordinatorService.method;

const fleet: Row = {
  shows: 'A1: agents are registered, found, told not to work, and deregistered',
  ...json(async (door) => {
    const near = { agentId: 'near', agentType: AgentType.WORKER, capabilities: ['a'], services: ['db'] };
    const far = { agentId: 'far', agentType: AgentType.PROVIDER, capabilities: ['a', 'b'] };
    await door.call(agents.registerAgent, { agent: { ...near, region: 'eu', tags: ['x', 'y'] } });
    await door.call(agents.registerAgent, { agent: { ...far, region: 'us', tags: ['y'] } });
    const find = async (filter: object) =>
      (await door.call(agents.listAgents, { filter })).agents.map(({ spec }) => spec?.agentId);
    const found = [
      await find({ agentType: AgentType.WORKER }),
      await find({ capabilities: ['a'] }),
      await find({ services: ['db'] }),
      await find({ region: 'us', minHealth: 0.5 }),
      await find({ tags: ['y', 'x'] }),
    ];
    const status = AgentStatus.INACTIVE;
    const told = await door.call(agents.updateAgentStatus, { agentId: 'far', status });
    const inactive = await find({ statuses: [status] });
    await door.call(agents.deregisterAgent, { agentId: 'far', reason: 'sold' });
    const left = await find({});
    const known = await find({ includeDeregistered: true });
    const { agent } = await door.call(agents.getAgent, { agentId: 'near' });
    const status1 = AgentStatus[told.agent?.status ?? 0];
    return { found, told: status1, inactive, left, known, region: agent?.spec?.region };
  }),
  async sdk({ client, agent }) {
    const near = { agentType: 'WORKER', capabilities: ['a'], services: ['db'] } as const;
    const far = { agentType: 'PROVIDER', capabilities: ['a', 'b'] } as const;
    await agent('near', { ...near, region: 'eu', tags: ['x', 'y'] }).start();
    await agent('far', { ...far, region: 'us', tags: ['y'] }).start();
    const find = async (query: Parameters<typeof client.agents.list>[0]) =>
      (await all(client.agents.list(query))).map(({ agentId }) => agentId);
    const found = [
      await find({ agentType: 'WORKER' }),
      await find({ capabilities: ['a'] }),
      await find({ services: ['db'] }),
      await find({ region: 'us', minHealth: 0.5 }),
      await find({ tags: ['y', 'x'] }),
    ];
    const { status } = await client.agents.setStatus('far', 'INACTIVE');
    const inactive = await find({ statuses: ['INACTIVE'] });
    await client.agents.deregister('far', { reason: 'sold' });
    const left = await find({});
    const known = await find({ includeDeregistered: true });
    const { region } = await client.agents.get('near');
    return { found, told: status, inactive, left, known, region };
  },
  expected: {
    found: [['near'], ['far', 'near'], ['near'], ['far'], ['near']],
    told: 'INACTIVE',
    inactive: ['far'],
    left: ['near'],
    known: ['far', 'near'],
    region: 'eu',
  },
};

const heartbeats: Row = {
  shows: 'A3: an agent that says it is alive is known to be',
  ...json(async (door) => {
    await register(door, 'worker', ['a']);
    const read = async () => (await door.call(agents.getAgent, { agentId: 'worker' })).agent;
    const before = await read();
    const answer = await door.call(agents.heartbeat, { agentId: 'worker', load: { cpu: 0.25 } });
    const after = await read();
    expect(answer.interval?.seconds).toBe(1n);
    expect(after?.load?.reported?.cpu).toBe(0.25);
    const ms = (time = { seconds: 0n, nanos: 0 }) => Number(time.seconds) * 1_000 + time.nanos / 1e6;
    const [first, second] = [before, after].map((agent) => ms(agent?.lastHeartbeatTime));
    return { later: (second ?? 0) > (first ?? 0), health: after?.healthScore };
  }),
  async sdk({ client, agent }) {
    await agent('worker', { capabilities: ['a'] }).start();
    const before = await client.agents.get('worker');
    // On a stream the answer to each ping is one.
    const after = await vi.waitFor(async () => {
      const now = await client.agents.get('worker');
      expect(now.lastHeartbeatTime.getTime()).toBeGreaterThan(before.lastHeartbeatTime.getTime());
      return now;
    }, 20_000);
    return { later: after.lastHeartbeatTime > before.lastHeartbeatTime, health: after.healthScore };
  },
  expected: { later: true, health: 1 },
};

const twins: Row = {
  shows: 'A6: a whole task is done without a stream, as on one',
  ...json(async (door) => {
    const agentId = 'worker';
    await register(door, agentId, ['a']);
    const { taskId } = await submit(door, { kind: 'a' });
    const other = await submit(door, { kind: 'a' });
    const leased = await door.call(agents.leaseTasks, { agentId, maxTasks: 2, maxWait: { seconds: 10n } });
    const claims = leased.assignments.flatMap(({ claim }) => claim ?? []);
    const mine = claims.filter((claim) => claim.taskId === taskId);
    const [claim] = mine;
    await door.call(agents.releaseLeases, {
      agentId,
      claims: claims.filter((one) => one !== claim),
      reason: 'one is enough',
    });
    const released = await door.call(getTask, { taskId: other.taskId });
    expect(TaskState[released.task?.state ?? 0]).toBe('QUEUED');
    const accepted = await door.call(agents.acceptLeases, { agentId, claims: mine });
    const renewed = await door.call(agents.renewLeases, { agentId, claims: mine });
    const verdicts = [...accepted.updates, ...renewed.updates].map(({ verdict }) => LeaseVerdict[verdict]);
    expect(verdicts).toEqual(['KEEP', 'KEEP']);
    const progress = { fraction: 0.5, text: 'half' };
    await door.call(agents.reportProgress, { agentId, reports: [{ claim, progress }] });
    const running = await door.call(getTask, { taskId });
    const output = { content: { case: 'data' as const, value: Buffer.from('{"sum":3}') } };
    const result = { outcome: Outcome.SUCCEEDED, output, summary: 'three' };
    const results = [{ claim, resultId: randomUUID(), result }];
    const { acks } = await door.call(agents.reportResults, { agentId, results });
    expect(acks.map(({ verdict }) => ResultVerdict[verdict])).toEqual(['RECORDED']);
    const { task } = await door.call(getTask, { taskId, payloadAs: 1 });
    const { content } = task?.result?.output ?? {};
    return {
      running: [TaskState[running.task?.state ?? 0], running.task?.progress?.fraction],
      ended: TaskState[task?.state ?? 0],
      output: content?.case === 'data' && JSON.parse(Buffer.from(content.value).toString()),
      agentId: task?.agentId,
    };
  }),
  async sdk({ client, agent }) {
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const worker = agent('worker').handle('a', async (_, { progress }) => {
      progress(0.5, 'half');
      await finished;
      return { sum: 3 };
    });
    await worker.start();
    const handle = await client.submit({ kind: 'a' });
    let running: unknown[] = [];
    for await (const { state, progress } of handle.watch()) {
      running = [state, progress?.fraction];
      if (progress && state === 'RUNNING') break;
    }
    finish();
    const output = await handle.wait();
    const { state, agentId } = await client.get(handle.taskId);
    return { running, ended: state, output, agentId };
  },
  expected: { running: ['RUNNING', 0.5], ended: 'SUCCEEDED', output: { sum: 3 }, agentId: 'worker' },
};

const health: Row = {
  shows: 'V1: whether it is well, and its figures',
  async curl(_, { coordinator }) {
    const get = (path: string) => runTool('curl', ['-sS', '-f', `http://${coordinator.httpAddress}${path}`]);
    const metrics = await get('/metrics');
    expect(metrics.stdout).toMatch(/^reeve_calls_total\{.*\} \d+$/m);
    expect(metrics.stdout).toMatch(/^reeve_queue_\w+\{.*tier="CRITICAL".*\} \d+$/m);
    return { well: (await get('/readyz')).code === 0 };
  },
  async grpcurl(_, { coordinator }) {
    const { stdout } = await grpcurl(coordinator.address, 'grpc.health.v1.Health/Check');
    return { well: JSON.parse(stdout).status === 'SERVING' };
  },
  async sdk({ client }) {
    await client.ready();
    return { well: (await client.serverInfo()).protocolVersion === 1 };
  },
  expected: { well: true },
};

showRows([fleet, heartbeats, twins, health], ['--ping-interval', '1s']);
