import { once } from 'node:events';
import net from 'node:net';
import { createClient as createConnectClient } from '@connectrpc/connect';
import { createGrpcWebTransport } from '@connectrpc/connect-node';
import { agent, createClient, ReeveError } from '@reeve/sdk';
import { CoordinatorService } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { readRepositoryFile } from '../house/repository.js';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';
import { healthOf } from '../support/health.js';
import type { ServeProcess } from '../support/serve-process.js';
import { NGINX_CONF, type Nginx, settled, startNginx } from './support/nginx.js';

/** From a call that gets no answer to the next: 5 s it is waited for, 2 s whoever failed is spared. */
const SPARED_MS = 6_900;

let fleet: FleetProcess;
let nginx: Nginx;
beforeAll(async () => {
  fleet = await startFleet();
  nginx = await startNginx(both());
});
afterAll(async () => {
  await nginx.stop();
  await fleet.stop();
});

const both = () => fleet.coordinators as unknown as [ServeProcess, ServeProcess];

function openClient() {
  const client = createClient({ address: nginx.address });
  onTestFinished(() => client.close());
  return client;
}

/** An agent that reaches the fleet through nginx, and counts what it has done. */
async function startAgent(agentId: string, kind: string, answer: (input: unknown) => unknown) {
  const done = { count: 0 };
  const worker = agent({ address: nginx.address, agentId, slots: 2, log: QUIET });
  worker.handle(kind, async (input: unknown) => {
    done.count += 1;
    return answer(input);
  });
  onTestFinished(() => worker.stop({ graceMs: 0 }));
  await worker.start();
  return done;
}
const nothing = () => undefined;
const QUIET = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** Streams of agents that are open on a coordinator. */
async function streamsOf({ httpAddress }: ServeProcess): Promise<number> {
  const text = await (await fetch(`http://${httpAddress}/metrics`)).text();
  return Number(/^reeve_work_streams(?:\{.*\})? (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
}

test('calls and the streams of agents go to both coordinators, and all work is done', async () => {
  const client = openClient();
  const agents = await Promise.all(
    ['a', 'b', 'c', 'd'].map((name) => startAgent(`echo-${name}`, 'echo', (i) => i)),
  );
  const numbers = Array.from({ length: 24 }, (_, i) => i);
  expect(await Promise.all(numbers.map((input) => client.run({ kind: 'echo', input })))).toEqual(numbers);
  expect(agents.reduce((sum, { count }) => sum + count, 0)).toBe(24);
  for (const coordinator of both()) expect(await streamsOf(coordinator)).toBeGreaterThan(0);
});

test('a stream may carry more than any body may be large', async () => {
  const client = openClient();
  const text = 'x'.repeat(200_000);
  await startAgent('heavy', 'heavy', () => text);
  // 4 MB of results from one agent.
  const lengths = await Promise.all(
    Array.from({ length: 20 }, async () => (await client.run<string>({ kind: 'heavy' })).length),
  );
  expect(new Set(lengths)).toEqual(new Set([text.length]));
});

test('HTTP carries JSON, gRPC-Web, feeds as they come, and probes; metrics are for each coordinator', async () => {
  const base = `http://${nginx.httpAddress}`;
  const post = (method: string, body: unknown) =>
    fetch(`${base}/reeve.v1.CoordinatorService/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const { task } = (await (await post('SubmitTask', { task: { kind: 'by-json' } })).json()) as {
    task: { taskId: string };
  };
  const overWeb = createConnectClient(
    CoordinatorService,
    createGrpcWebTransport({ baseUrl: base, httpVersion: '1.1' }),
  );
  expect((await overWeb.getTask({ taskId: task.taskId })).task?.spec?.kind).toBe('by-json');

  const feed = await post('WatchTasks', { selector: { kinds: ['by-json'] } });
  const reader = feed.body?.pipeThrough(new TextDecoderStream()).getReader();
  let seen = '';
  // It has no end: what comes is passed on at once.
  while (!seen.includes(task.taskId)) seen += (await reader?.read())?.value;
  await reader?.cancel();

  expect((await fetch(`${base}/readyz`)).status).toBe(200);
  expect((await fetch(`${base}/metrics`)).status).toBe(404);
});

test('one coordinator is killed: calls go on at once, its agents come back, and it serves again', async () => {
  const [first, second] = both();
  const client = openClient();
  await Promise.all(['a', 'b', 'c', 'd'].map((name) => startAgent(`again-${name}`, 'again', (i) => i)));
  expect(await client.run({ kind: 'again', input: 0 })).toBe(0);

  await first.kill();
  const numbers = Array.from({ length: 24 }, (_, i) => i);
  expect(await Promise.all(numbers.map((input) => client.run({ kind: 'again', input })))).toEqual(numbers);
  expect((await fetch(`http://${nginx.httpAddress}/readyz`)).status).toBe(200);
  expect(await healthOf(nginx.address)).toBe('SERVING');

  await first.restart();
  await second.kill();
  // Until the balancer asks the first again, which it took for gone, nobody is there.
  const run = async (input: number): Promise<unknown> => {
    try {
      return await client.run({ kind: 'again', input });
    } catch (error) {
      if (error instanceof ReeveError && error.code === 'UNAVAILABLE') return run(input);
      throw error;
    }
  };
  expect(await Promise.all(numbers.map(run))).toEqual(numbers);
  await second.restart();
}, 60_000);

test('a frozen coordinator is left after one call that it does not answer, over HTTP too', async () => {
  const [, second] = both();
  second.freeze();
  onTestFinished(() => second.thaw());
  const url = `http://${nginx.httpAddress}/reeve.v1.CoordinatorService/ListTasks`;
  const ask = () =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
  // In turns, one after the other.
  const statuses: number[] = [];
  let sparedUntil = 0;
  for (let calls = 0; calls < 6; calls++) {
    const began = performance.now();
    const { status } = await ask();
    statuses.push(status);
    if (status !== 504) continue;
    // Another only if the calls since have taken longer than it is spared, as on a busy machine.
    expect(began).toBeGreaterThan(sparedUntil);
    sparedUntil = began + SPARED_MS;
  }
  expect(statuses).toContain(504);
  expect(statuses.filter((code) => code !== 504 && code !== 200)).toEqual([]);
  // A client with a request of its own tries again by itself.
  const client = createClient({ address: nginx.address });
  onTestFinished(() => client.close());
  for (let calls = 0; calls < 4; calls++) await client.submit({ kind: 'nobody' });
}, 60_000);

test('a call that was sent to one coordinator is not sent to another', async () => {
  let got = 0;
  const sockets = new Set<net.Socket>();
  /** Takes what it is sent and breaks off, as a coordinator that is killed then. */
  const breaking = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', nothing).once('data', () => {
      got += 1;
      socket.destroy();
    });
  });
  breaking.listen(0, '127.0.0.1');
  await once(breaking, 'listening');
  const address = `127.0.0.1:${(breaking.address() as net.AddressInfo).port}`;
  const upstream = { address, httpAddress: address };
  const own = await startNginx([upstream, upstream]);
  onTestFinished(async () => {
    await own.stop();
    breaking.close();
  });
  await expect(healthOf(own.address)).rejects.toMatchObject({ code: 14 });
  expect(got).toBe(1);
  const posted = await fetch(`http://${own.httpAddress}/reeve.v1.CoordinatorService/SubmitTask`, {
    method: 'POST',
  });
  expect(posted.status).toBe(502);
  expect(got).toBe(2);
});

test('what a test changes of the file is what its head says, and each place is there once', () => {
  const shipped = readRepositoryFile(NGINX_CONF).split('\n');
  const upstream = { address: 'x:1', httpAddress: 'x:2' };
  const own = settled(shipped.join('\n'), [upstream, upstream], 3, 4).split('\n');
  const changed = shipped.flatMap((line, at) => (line === own[at] ? [] : [at]));
  const block = (at: number) => shipped.slice(Math.max(0, at - 2), at).join('\n');
  expect(changed.filter((at) => !block(at).includes('# SITE'))).toEqual([]);
  expect(changed).toHaveLength(6);
  expect(() => settled('', [upstream, upstream], 3, 4)).toThrow('has not one');
});
