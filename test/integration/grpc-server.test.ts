import { connect as connectSocket, createServer } from 'node:net';
import { status } from '@grpc/grpc-js';
import { AgentService, CoordinatorService } from '@reeve/sdk/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHealthFile } from '../../src/grpc/reflection/health-file.js';
import { startGrpcServer } from '../../src/grpc/server.js';
import { connect, failureOf } from '../api/support/grpc-client.js';
import { setup } from '../api/support/world.js';
import { serve } from '../support/grpc-world.js';

const healthMethods = createHealthFile().services[0]?.methods ?? [];
const health = Object.fromEntries(healthMethods.map((method) => [method.name, method]));

/** With what health checks say of a service. */
async function serveChecked() {
  const world = await serve();
  const check = async (service: string) => {
    if (!health.Check) throw new Error('no Check');
    const answer = await world.client.call(health.Check, { service });
    return (answer as unknown as { status: number }).status;
  };
  return { ...world, check };
}

describe('the gRPC server', () => {
  it('answers health checks for itself and each of its services', async () => {
    const { server, check } = await serveChecked();
    for (const service of ['', 'reeve.v1.CoordinatorService', 'reeve.v1.AgentService']) {
      expect(await check(service)).toBe(1);
      server.setServing(false);
      expect(await check(service)).toBe(2);
      server.setServing(true);
    }
    expect((await failureOf(check('nobody'))).code).toBe(status.NOT_FOUND);
  });

  it('says that a port is taken, and serves nothing then', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    onTestFinished(() => void holder.close());
    const { port } = holder.address() as { port: number };
    const { api } = setup();
    const error = await failureOf(startGrpcServer({ api, host: '127.0.0.1', port, reflection: false }));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: 'EADDRINUSE' });
    const unusable = await failureOf(
      startGrpcServer({ api, host: '203.0.113.1', port: 0, reflection: false }),
    );
    expect(unusable).toMatchObject({ reason: 'ADDRESS_UNUSABLE' });
  });

  it('stops at once when nothing is going on, watches and idle connections included', async () => {
    const { server, client, put, check } = await serveChecked();
    await check('');
    const { taskId } = put();
    const watch = client.stream(CoordinatorService.method.watchTasks, { taskIds: [taskId] });
    const told = new Promise((resolve) => watch.once('data', resolve));
    const watchEnd = new Promise<number>((resolve) => watch.on('status', ({ code }) => resolve(code)));
    watch.on('error', () => {});
    if (!health.Watch) throw new Error('no Watch');
    const healthWatch = client.stream(health.Watch, {});
    healthWatch.on('error', () => {});
    const healthTold = new Promise((resolve) => healthWatch.once('data', resolve));
    const idle = connectSocket(server.port, '127.0.0.1');
    const idleClosed = new Promise((resolve) => idle.once('close', resolve));
    idle.on('error', () => {});
    idle.resume();
    await Promise.all([told, healthTold, new Promise((resolve) => idle.once('connect', resolve))]);
    watch.on('data', () => {});
    healthWatch.on('data', () => {});

    await server.stop(600_000);
    expect(await watchEnd).toBe(status.UNAVAILABLE);
    await idleClosed;
    await server.stop(0);
  });

  it('lets calls in flight finish within the grace', async () => {
    const { server, client, record } = await serveChecked();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let begun = false;
    record.listTasks = async () => {
      begun = true;
      await held;
      return { tasks: [], beforeId: null };
    };
    const call = client.call(CoordinatorService.method.listTasks, {});
    await expect.poll(() => begun).toBe(true);
    const stopped = server.stop(600_000);
    release();
    expect((await call).tasks).toEqual([]);
    await stopped;
  });

  it('cuts what has not ended when the grace is over', async () => {
    const { server, client, record } = await serveChecked();
    let begun = false;
    record.listTasks = () => {
      begun = true;
      return new Promise(() => {});
    };
    const call = failureOf(client.call(CoordinatorService.method.listTasks, {}));
    await expect.poll(() => begun).toBe(true);
    await server.stop(10);
    expect([status.UNAVAILABLE, status.CANCELLED]).toContain((await call).code);
    const late = connect(server.address);
    onTestFinished(() => late.close());
    expect((await failureOf(late.call(AgentService.method.getServerInfo, {}))).code).toBe(status.UNAVAILABLE);
  });
});
