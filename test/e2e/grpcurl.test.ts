import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import * as protocol from '@reeve/sdk/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CoordinatorProcess, startCoordinator } from '../support/coordinator-process.js';
import { call, grpcurl } from '../support/grpcurl.js';

const FILES = [
  protocol.file_reeve_v1_agent,
  protocol.file_reeve_v1_agent_service,
  protocol.file_reeve_v1_constraints,
  protocol.file_reeve_v1_coordinator_service,
  protocol.file_reeve_v1_payload,
  protocol.file_reeve_v1_task,
  protocol.file_reeve_v1_task_event,
  protocol.file_reeve_v1_work,
];
const SERVICES = FILES.flatMap((file) => file.services);
const COORDINATOR = 'reeve.v1.CoordinatorService';
const AGENTS = 'reeve.v1.AgentService';

let coordinator: CoordinatorProcess;

beforeAll(async () => {
  coordinator = await startCoordinator();
}, 90_000);

afterAll(async () => {
  await coordinator?.stop();
});

describe('grpcurl, which knows nothing but the address', () => {
  it('lists every service', async () => {
    const { code, stdout } = await grpcurl(coordinator.address, 'list');
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toEqual(
      expect.arrayContaining([
        ...SERVICES.map((service) => service.typeName),
        'grpc.health.v1.Health',
        'grpc.reflection.v1.ServerReflection',
        'grpc.reflection.v1alpha.ServerReflection',
      ]),
    );
  });

  it('lists the methods of every service', async () => {
    for (const service of SERVICES) {
      const { stdout } = await grpcurl(coordinator.address, 'list', service.typeName);
      const methods = service.methods.map((method) => `${service.typeName}.${method.name}`);
      expect(stdout.trim().split('\n').sort()).toEqual(methods.sort());
    }
  });

  it('describes every service, method, message and enum', async () => {
    const symbols = [
      ...SERVICES.flatMap((service) => [
        service.typeName,
        ...service.methods.map((method) => `${service.typeName}.${method.name}`),
      ]),
      ...FILES.flatMap((file) => [...file.messages, ...file.enums]).map((type) => type.typeName),
      ...FILES.flatMap((file) => file.messages).flatMap((message) =>
        [...message.nestedMessages, ...message.nestedEnums].map((type) => type.typeName),
      ),
      'grpc.health.v1.Health',
      'grpc.health.v1.HealthCheckResponse',
    ];
    expect(symbols.length).toBeGreaterThan(60);
    const failures: string[] = [];
    for (const symbol of symbols) {
      const { code, stdout, stderr } = await grpcurl(coordinator.address, 'describe', symbol);
      if (code !== 0 || !stdout.startsWith(`${symbol} is a`)) failures.push(`${symbol}: ${stderr || stdout}`);
    }
    expect(failures).toEqual([]);
  }, 120_000);

  it.each(['v1', 'v1alpha'])('reads a file of the contract through reflection %s', async (version) => {
    const method = `grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    const answer = await call(coordinator.address, method, { fileContainingSymbol: COORDINATOR });
    const { fileDescriptorProto } = answer.fileDescriptorResponse as { fileDescriptorProto: string[] };
    const files = fileDescriptorProto.map((file) =>
      fromBinary(FileDescriptorProtoSchema, Buffer.from(file, 'base64')),
    );
    expect(files.map((file) => file.name)).toContain('reeve/v1/coordinator_service.proto');
  });

  it('describes a request with the types it takes from other files', async () => {
    const { stdout } = await grpcurl('-msg-template', coordinator.address, 'describe', '.reeve.v1.TaskSpec');
    expect(stdout).toContain('.reeve.v1.Payload input = 2');
    expect(stdout).toContain('"attemptTimeout"');
  });
});

describe('grpcurl, as a client', () => {
  it('submits a task with an input as plain JSON and reads it back', async () => {
    const submitted = await call(coordinator.address, `${COORDINATOR}/SubmitTask`, {
      task: { kind: 'echo', input: { json: { a: 1 } } },
    });
    const { taskId } = submitted.task as { taskId: string };
    const read = await call(coordinator.address, `${COORDINATOR}/GetTask`, {
      taskId,
      payloadAs: 'PAYLOAD_VIEW_JSON',
    });
    expect(read.task).toMatchObject({
      taskId,
      state: 'TASK_STATE_QUEUED',
      spec: { kind: 'echo', input: { json: { a: 1 } } },
    });
  });

  it('calls every other unary method of the coordinator service', async () => {
    const ask = (method: string, request: object) =>
      call(coordinator.address, `${COORDINATOR}/${method}`, request);

    const batch = await ask('BatchSubmitTasks', {
      requests: [{ task: { kind: 'batch.one' } }, { task: { kind: 'not a name' } }],
    });
    expect(batch.outcomes).toMatchObject([
      { submitted: { state: 'TASK_STATE_QUEUED' } },
      { error: { code: 3, field: expect.stringContaining('kind') } },
    ]);
    const [first] = batch.outcomes as { submitted: { taskId: string } }[];
    const taskId = first?.submitted.taskId;

    expect((await ask('ListTasks', { filter: { kinds: ['batch.one'] } })).tasks).toMatchObject([{ taskId }]);
    expect(await ask('WaitTask', { taskId, maxWait: '0s' })).toMatchObject({ task: { taskId } });
    expect(await ask('CancelTask', { taskId, reason: 'not needed' })).toMatchObject({
      task: { taskId, state: 'TASK_STATE_CANCELLED' },
    });
    expect(await ask('WatchTasks', { taskIds: [taskId] })).toMatchObject({
      changes: [{ task: { taskId, state: 'TASK_STATE_CANCELLED' } }],
    });
    expect(await ask('RetryTask', { taskId, reason: 'needed after all' })).toMatchObject({
      task: { taskId, state: 'TASK_STATE_QUEUED' },
    });
    const trail = await ask('ListTaskEvents', { taskId });
    expect((trail.events as { type: string }[]).map((event) => event.type)).toEqual([
      'TASK_EVENT_TYPE_SUBMITTED',
      'TASK_EVENT_TYPE_CANCELLED',
      'TASK_EVENT_TYPE_RETRIED',
    ]);
  });

  it('calls every unary method of the agent service', async () => {
    const ask = (method: string, request: object = {}) =>
      call(coordinator.address, `${AGENTS}/${method}`, request);
    const agentId = 'curl-1';

    expect(
      await ask('RegisterAgent', { agent: { agentId, capabilities: ['echo'], endpoints: { web: 'x:1' } } }),
    ).toMatchObject({ agent: { spec: { agentId, capabilities: ['echo'] } } });
    expect(await ask('Heartbeat', { agentId, load: {} })).toMatchObject({ interval: expect.any(String) });
    expect(await ask('GetAgent', { agentId })).toMatchObject({ agent: { spec: { agentId } } });
    expect(await ask('UpdateAgentStatus', { agentId, status: 'AGENT_STATUS_INACTIVE' })).toMatchObject({
      agent: { status: 'AGENT_STATUS_INACTIVE' },
    });
    expect((await ask('ListAgents')).agents).toMatchObject([{ spec: { agentId } }]);
    expect(await ask('DeregisterAgent', { agentId, reason: 'done' })).toMatchObject({
      agent: { spec: { agentId } },
    });
    expect((await ask('ListAgents')).agents).toBeUndefined();
    expect(await ask('GetServerInfo')).toMatchObject({ mode: 'embedded', protocolVersion: 1 });
  });

  it('is told what is wrong, in words and in details it can print', async () => {
    const { code, stderr } = await grpcurl(
      '-d',
      '{"task": {"kind": ""}}',
      coordinator.address,
      `${COORDINATOR}/SubmitTask`,
    );
    expect(code).not.toBe(0);
    expect(stderr).toContain('Code: InvalidArgument');
    expect(stderr).toContain('google.rpc.BadRequest');
    expect(stderr).toContain('task.kind');
  });

  it('hears that the server and each of its services are healthy', async () => {
    for (const service of ['', ...SERVICES.map(({ typeName }) => typeName)]) {
      expect(await call(coordinator.address, 'grpc.health.v1.Health/Check', { service })).toEqual({
        status: 'SERVING',
      });
    }
  });
});
