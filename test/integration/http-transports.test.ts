import { randomUUID } from 'node:crypto';
import { Code, type ConnectError, createClient, type Transport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import {
  AgentService,
  BadRequestSchema,
  CoordinatorService,
  ErrorInfoSchema,
  TaskState,
} from '@reeve/sdk/protocol';
import { describe, expect, it } from 'vitest';
import { ReeveError } from '../../src/api/errors.js';
import { failureOf } from '../api/support/grpc-client.js';
import { serveHttp, until } from '../api/support/http-world.js';

const TRANSPORTS: readonly (readonly [string, (baseUrl: string) => Transport])[] = [
  ['Connect, protobuf', (baseUrl) => createConnectTransport({ baseUrl, httpVersion: '1.1' })],
  [
    'Connect, JSON',
    (baseUrl) => createConnectTransport({ baseUrl, httpVersion: '1.1', useBinaryFormat: false }),
  ],
  ['gRPC-Web', (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: '1.1' })],
];

describe.each(TRANSPORTS)('%s', (name, transportTo) => {
  async function clients(options: Parameters<typeof serveHttp>[0] = {}) {
    const world = await serveHttp(options);
    const transport = transportTo(`http://${world.server.address}`);
    return {
      ...world,
      coordinator: createClient(CoordinatorService, transport),
      agents: createClient(AgentService, transport),
    };
  }

  it('carries unary calls, payloads as the encoding has them', async () => {
    const { coordinator } = await clients();
    const data = Buffer.from('{"a":1}');
    const input = { mediaType: 'application/json', content: { case: 'data', value: data } } as const;
    const { task } = await coordinator.submitTask(
      { task: { kind: 'echo', input } },
      { headers: { org: 'acme' } },
    );
    expect([task?.state, task?.org]).toEqual([TaskState.QUEUED, 'acme']);
    const read = await coordinator.getTask({ taskId: task?.taskId ?? '' }, { headers: { org: 'acme' } });
    expect(read.task?.spec?.input?.content.case).toBe(name.includes('JSON') ? 'json' : 'data');
  });

  it('carries errors with their details', async () => {
    const { coordinator } = await clients();
    const error = (await failureOf(
      coordinator.submitTask({ task: { kind: 'no spaces' } }),
    )) as unknown as ConnectError;
    expect(error.code).toBe(Code.InvalidArgument);
    expect(error.findDetails(ErrorInfoSchema)).toMatchObject([
      { reason: 'INVALID_FIELD', domain: 'reeve.dev' },
    ]);
    expect(error.findDetails(BadRequestSchema)[0]?.fieldViolations[0]?.field).toBe('task.kind');
  });

  it('carries a watch, from the task as it is to its end', async () => {
    const { coordinator, put, move } = await clients();
    const { taskId } = put();
    const told: string[] = [];
    for await (const { changes } of coordinator.watchTasks({ taskIds: [taskId] })) {
      for (const { task, seq } of changes) told.push(`${seq} ${TaskState[task?.state ?? 0]}`);
      const next = (['RUNNING', 'SUCCEEDED'] as const)[told.length - 1];
      if (next) move(taskId, next);
    }
    expect(told).toEqual(['1 QUEUED', '2 RUNNING', '3 SUCCEEDED']);
  });

  it('ends a watch with the error it failed with', async () => {
    const { coordinator, record } = await clients();
    record.getTasks = async () => {
      throw new ReeveError('UNAVAILABLE', 'RECORD_DOWN', 'the record is away');
    };
    const read = async () => {
      for await (const _ of coordinator.watchTasks({ taskIds: [randomUUID()] }));
    };
    const error = (await failureOf(read())) as unknown as ConnectError;
    expect(error.code).toBe(Code.Unavailable);
    expect(error.findDetails(ErrorInfoSchema)).toMatchObject([{ reason: 'RECORD_DOWN' }]);
  });

  it('ends a watch whose time is up, and one of a server that shuts down, with different codes', async () => {
    const { coordinator, put, api } = await clients();
    const { taskId } = put();
    const watch = async (onChange: () => void, timeoutMs?: number) => {
      const stream = coordinator.watchTasks(
        { taskIds: [taskId] },
        timeoutMs === undefined ? {} : { timeoutMs },
      );
      for await (const _ of stream) onChange();
    };
    const late = (await failureOf(watch(() => {}, 100))) as unknown as ConnectError;
    expect(late.code).toBe(Code.DeadlineExceeded);
    const closed = (await failureOf(watch(() => api.close()))) as unknown as ConnectError;
    expect(closed.code).toBe(Code.Unavailable);
  });

  it('stops a watch whose caller has gone', async () => {
    const { coordinator, put, move, reads } = await clients();
    const { taskId } = put();
    const gone = new AbortController();
    const read = async () => {
      for await (const _ of coordinator.watchTasks({ taskIds: [taskId] }, { signal: gone.signal }))
        gone.abort();
    };
    const error = (await failureOf(read())) as unknown as ConnectError;
    expect(error.code).toBe(Code.Canceled);
    await until(async () => {
      const before = reads.length;
      move(taskId, 'RUNNING');
      await coordinator.listTasks({});
      expect(reads.length).toBe(before);
    });
  });
});
