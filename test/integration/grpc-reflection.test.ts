import { create, createFileRegistry, type DescFile, fromBinary, type Message } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import { CoordinatorService, file_reeve_v1_constraints } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  createReflectionFile,
  type Question,
} from '../../src/grpc/reflection/reflection-file.js';
import { type GrpcServer, startGrpcServer } from '../../src/grpc/server.js';
import { connect, failureOf } from '../api/support/grpc-client.js';
import { setup } from '../api/support/world.js';

let server: GrpcServer;
let client: ReturnType<typeof connect>;

beforeAll(async () => {
  server = await startGrpcServer({ api: setup().api, host: '127.0.0.1', port: 0, reflection: true });
  client = connect(server.address);
});

afterAll(async () => {
  client.close();
  await server.stop(0);
});

/** Asks one question on a stream of its own. */
async function ask(version: 'v1' | 'v1alpha', question: Question): Promise<Answer> {
  const [method] = createReflectionFile(version).services[0]?.methods ?? [];
  if (!method) throw new Error('no method');
  const stream = client.duplex(method);
  const answer = new Promise<{ messageResponse: Answer }>((resolve, reject) => {
    stream.on('data', (message: Message) => resolve(message as unknown as { messageResponse: Answer }));
    stream.on('error', reject);
  });
  stream.write({ messageRequest: question });
  const { messageResponse } = await answer;
  stream.end();
  return messageResponse;
}

function filesOf(answer: Answer) {
  if (answer.case !== 'fileDescriptorResponse') throw new Error(`answered ${answer.case}`);
  return answer.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
}

describe.each(['v1', 'v1alpha'] as const)('server reflection %s', (version) => {
  it('lists every service, health and itself included', async () => {
    const answer = await ask(version, { case: 'listServices', value: '*' });
    expect(answer.case === 'listServicesResponse' && answer.value.service.map(({ name }) => name)).toEqual([
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
      'reeve.v1.AgentService',
      'reeve.v1.ConfigService',
      'reeve.v1.CoordinatorService',
      'reeve.v1.WorkflowService',
    ]);
  });

  it('gives files that link, each under its own name, with everything they import', async () => {
    const services = await ask(version, { case: 'listServices', value: '' });
    if (services.case !== 'listServicesResponse') throw new Error('no list');
    const all = new Map<string, ReturnType<typeof filesOf>[number]>();
    for (const { name } of services.value.service) {
      for (const file of filesOf(await ask(version, { case: 'fileContainingSymbol', value: name }))) {
        all.set(file.name, file);
      }
    }
    expect([...all.keys()].sort()).toEqual([
      'google/protobuf/descriptor.proto',
      'google/protobuf/duration.proto',
      'google/protobuf/field_mask.proto',
      'google/protobuf/struct.proto',
      'google/protobuf/timestamp.proto',
      'grpc/health/v1/health.proto',
      'grpc/reflection/v1/reflection.proto',
      'grpc/reflection/v1alpha/reflection.proto',
      'reeve/v1/agent.proto',
      'reeve/v1/agent_filter.proto',
      'reeve/v1/agent_service.proto',
      'reeve/v1/agent_watch.proto',
      'reeve/v1/auction.proto',
      'reeve/v1/claim.proto',
      'reeve/v1/config.proto',
      'reeve/v1/config_service.proto',
      'reeve/v1/config_steering.proto',
      'reeve/v1/constraints.proto',
      'reeve/v1/coordinator_service.proto',
      'reeve/v1/directory.proto',
      'reeve/v1/directory_steering.proto',
      'reeve/v1/expansion.proto',
      'reeve/v1/job_kind.proto',
      'reeve/v1/job_kind_steering.proto',
      'reeve/v1/lease.proto',
      'reeve/v1/operation.proto',
      'reeve/v1/payload.proto',
      'reeve/v1/policy.proto',
      'reeve/v1/policy_steering.proto',
      'reeve/v1/queue.proto',
      'reeve/v1/task.proto',
      'reeve/v1/task_approval.proto',
      'reeve/v1/task_brief.proto',
      'reeve/v1/task_bulk.proto',
      'reeve/v1/task_event.proto',
      'reeve/v1/task_explanation.proto',
      'reeve/v1/task_filter.proto',
      'reeve/v1/task_reading.proto',
      'reeve/v1/task_routing.proto',
      'reeve/v1/task_spec.proto',
      'reeve/v1/task_steering.proto',
      'reeve/v1/task_submission.proto',
      'reeve/v1/task_watch.proto',
      'reeve/v1/work.proto',
      'reeve/v1/workflow.proto',
      'reeve/v1/workflow_place.proto',
      'reeve/v1/workflow_reading.proto',
      'reeve/v1/workflow_service.proto',
      'reeve/v1/workflow_spec.proto',
      'reeve/v1/workflow_steering.proto',
    ]);
    const registry = createFileRegistry(
      create(FileDescriptorSetSchema, { file: inOrder([...all.values()]) }),
    );
    const service = registry.getService('reeve.v1.CoordinatorService');
    expect(service?.methods.map((method) => method.name)).toEqual(
      CoordinatorService.methods.map((method) => method.name),
    );
    expect(registry.getMessage('reeve.v1.TaskSpec')?.field.input?.message?.typeName).toBe('reeve.v1.Payload');
    const status = registry.getEnum('grpc.health.v1.HealthCheckResponse.ServingStatus');
    expect(status?.values.map((value) => value.name)).toEqual([
      'UNKNOWN',
      'SERVING',
      'NOT_SERVING',
      'SERVICE_UNKNOWN',
    ]);
  });

  it('finds the file of whatever has a name in it', async () => {
    const fileOf = async (symbol: string) =>
      filesOf(await ask(version, { case: 'fileContainingSymbol', value: symbol }))[0]?.name;
    expect(await fileOf('reeve.v1.CoordinatorService.SubmitTask')).toBe('reeve/v1/coordinator_service.proto');
    expect(await fileOf('reeve.v1.TaskSpec.kind')).toBe('reeve/v1/task_spec.proto');
    expect(await fileOf('reeve.v1.TaskSpec.LabelsEntry')).toBe('reeve/v1/task_spec.proto');
    expect(await fileOf('reeve.v1.Payload.content')).toBe('reeve/v1/payload.proto');
    expect(await fileOf('reeve.v1.TASK_STATE_QUEUED')).toBe('reeve/v1/task.proto');
    expect(await fileOf('reeve.v1.constraints')).toBe('reeve/v1/constraints.proto');
    expect(await fileOf('google.protobuf.Duration')).toBe('google/protobuf/duration.proto');
    expect(await fileOf('google.rpc.ErrorInfo')).toBe('google/rpc/error_details.proto');
    const [byName] = filesOf(await ask(version, { case: 'fileByFilename', value: 'reeve/v1/work.proto' }));
    expect(byName?.dependency).toContain('reeve/v1/constraints.proto');
  });

  it('knows the extensions of other messages', async () => {
    const containingType = 'google.protobuf.FieldOptions';
    const question = { containingType, extensionNumber: 50500 };
    const [file] = filesOf(await ask(version, { case: 'fileContainingExtension', value: question }));
    expect(file?.name).toBe(file_reeve_v1_constraints.proto.name);
    expect(await ask(version, { case: 'allExtensionNumbersOfType', value: containingType })).toMatchObject({
      value: { baseTypeName: containingType, extensionNumber: [50500] },
    });
  });

  it('answers what it does not know with an error, and goes on', async () => {
    const questions: Question[] = [
      { case: 'fileByFilename', value: 'nothing.proto' },
      { case: 'fileContainingSymbol', value: 'reeve.v1.Nothing' },
      { case: 'fileContainingExtension', value: { containingType: 'reeve.v1.Task', extensionNumber: 1 } },
      { case: 'allExtensionNumbersOfType', value: 'reeve.v1.Nothing' },
    ];
    for (const question of questions) {
      expect(await ask(version, question)).toMatchObject({
        case: 'errorResponse',
        value: { errorCode: status.NOT_FOUND },
      });
    }
  });
});

describe('a server without reflection', () => {
  it('does not know the service', async () => {
    const closed = await startGrpcServer({ api: setup().api, host: '127.0.0.1', port: 0, reflection: false });
    const other = connect(closed.address);
    const path = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
    const error = await failureOf(other.callRaw(path, Buffer.alloc(0), (bytes) => bytes));
    expect(error.code).toBe(status.UNIMPLEMENTED);
    other.close();
    await closed.stop(0);
  });
});

/** Dependencies first, as a FileDescriptorSet wants them. */
function inOrder(files: DescFile['proto'][]): DescFile['proto'][] {
  const byName = new Map(files.map((file) => [file.name, file]));
  const ordered = new Set<DescFile['proto']>();
  const add = (file: DescFile['proto'] | undefined): void => {
    if (!file || ordered.has(file)) return;
    for (const name of file.dependency) add(byName.get(name));
    ordered.add(file);
  };
  for (const file of files) add(file);
  return [...ordered];
}
