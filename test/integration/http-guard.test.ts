import { connect, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startHttpServer } from '../../src/http/server.js';
import { failureOf } from '../api/support/grpc-client.js';
import { debugOf, SUBMIT, serveHttp } from '../api/support/http-world.js';
import { setup } from '../api/support/world.js';

async function serve(options: Parameters<typeof serveHttp>[0] = {}) {
  const world = await serveHttp(options);
  /** A submission with these headers, as `status reason`. */
  const submit = async (headers: Readonly<Record<string, string>>) => {
    const answer = await world.ask(SUBMIT, { headers, body: { task: { kind: 'a' } } });
    return `${answer.status} ${debugOf(answer).ErrorInfo?.reason ?? ''}`.trim();
  };
  return { ...world, submit };
}

const HOST_REFUSED = '403 HOST_NOT_ALLOWED';
const ORIGIN_REFUSED = '403 ORIGIN_NOT_ALLOWED';

describe('the Host of a request', () => {
  it('is this machine, under any port, while only this machine can connect', async () => {
    const { submit, tasks } = await serve();
    for (const host of ['localhost', 'LOCALHOST:1', 'localhost.', '127.0.0.1:9002', '[::1]', '[::1]:80']) {
      expect([host, await submit({ host })]).toEqual([host, '200']);
    }
    const served = tasks.size;
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      'evil.example:9002',
      '10.0.0.1',
      'localhost@evil.example',
      'localhost, evil.example',
      'localhost:99999',
      '[::1',
      '%00',
    ]) {
      expect([host, await submit({ host })]).toEqual([host, HOST_REFUSED]);
    }
    expect(tasks.size).toBe(served);
  });

  it('has to be there', async () => {
    const { server } = await serve();
    const socket = connect(server.port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    let received = '';
    socket.on('data', (data) => {
      received += String(data);
    });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write('GET /metrics HTTP/1.0\r\n\r\n');
    await closed;
    expect(received).toContain('403 Forbidden');
  });

  it('may be a name that is allowed, whatever its case and port', async () => {
    const { submit } = await serve({ allowedHosts: ['Reeve.Example'] });
    expect(await submit({ host: 'reeve.example:443' })).toBe('200');
    expect(await submit({ host: 'other.example' })).toBe(HOST_REFUSED);
  });

  it('is anything while others can connect and no names are set, else a name that is or an address', async () => {
    const open = await serve({ host: '0.0.0.0' });
    expect(await open.submit({ host: 'whatever.example' })).toBe('200');
    for (const host of ['1.2.3.4.5', '[::::]', 'reeve.example:99999', 'a b']) {
      expect([host, await open.submit({ host })]).toEqual([host, HOST_REFUSED]);
    }
    const named = await serve({ host: '0.0.0.0', allowedHosts: ['reeve.example'] });
    expect(await named.submit({ host: 'reeve.example' })).toBe('200');
    expect(await named.submit({ host: '10.1.2.3:9002' })).toBe('200');
    expect(await named.submit({ host: 'whatever.example' })).toBe(HOST_REFUSED);
  });

  it('does not matter to probes, and does to metrics', async () => {
    const { ask } = await serve();
    const headers = { host: 'pod.example' };
    const statuses = ['/livez', '/readyz', '/metrics'].map(
      async (path) => (await ask(path, { method: 'GET', headers })).status,
    );
    expect(await Promise.all(statuses)).toEqual([200, 200, 403]);
  });
});

describe('the Origin of a request', () => {
  it('is nobody, or the page of the server itself', async () => {
    const { submit } = await serve();
    expect(await submit({})).toBe('200');
    expect(await submit({ host: 'localhost:9002', origin: 'http://localhost:9002' })).toBe('200');
    for (const origin of [
      'http://evil.example',
      'http://localhost:5173',
      'http://localhost',
      'null',
      'file://',
      'http://localhost:9002.evil.example',
    ]) {
      expect([origin, await submit({ host: 'localhost:9002', origin })]).toEqual([origin, ORIGIN_REFUSED]);
    }
  });

  it('keeps pages of others from submitting by what needs no preflight', async () => {
    const { ask, tasks } = await serve();
    const body = JSON.stringify({ task: { kind: 'a' } });
    for (const type of [
      'application/x-www-form-urlencoded',
      'text/plain',
      'multipart/form-data; boundary=x',
    ]) {
      const headers = { origin: 'http://evil.example', 'content-type': type };
      const answer = await ask(SUBMIT, { headers, body });
      expect([type, answer.status]).toEqual([type, 403]);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
    const plain = await ask(SUBMIT, { headers: { 'content-type': 'text/plain' }, body });
    expect(plain.status).toBe(415);
    expect(tasks.size).toBe(0);
  });

  it('shows where a page takes something from elsewhere without naming itself', async () => {
    const { ask } = await serve();
    const list = '/reeve.v1.CoordinatorService/ListTasks?encoding=json&message={}';
    const get = async (headers: Readonly<Record<string, string>>) =>
      (await ask(list, { method: 'GET', headers })).status;
    expect(await get({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).toBe(403);
    expect(await get({ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' })).toBe(403);
    expect(await get({ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' })).toBe(200);
    expect(await get({ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' })).toBe(200);
  });

  it('may be one that is allowed: then its pages may call, and read the answer', async () => {
    const origin = 'https://app.example';
    const { ask, tasks } = await serve({ allowedOrigins: [origin] });
    const preflight = await ask(SUBMIT, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': expect.stringContaining('POST'),
      vary: 'Origin',
    });
    const allowed = preflight.headers['access-control-allow-headers']?.toLowerCase().split(', ');
    expect(allowed).toEqual(
      expect.arrayContaining(['content-type', 'connect-protocol-version', 'x-grpc-web', 'org']),
    );
    const answer = await ask(SUBMIT, { headers: { origin }, body: { task: { kind: 'a' } } });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, origin]);
    expect(answer.headers['access-control-expose-headers']).toContain('Grpc-Status');
    const failed = await ask(SUBMIT, { headers: { origin }, body: {} });
    expect([failed.status, failed.headers['access-control-allow-origin']]).toEqual([400, origin]);
    const other = await ask(SUBMIT, { method: 'OPTIONS', headers: { origin: 'https://evil.example' } });
    expect([other.status, other.headers['access-control-allow-origin']]).toEqual([403, undefined]);
    expect(tasks.size).toBe(1);
  });
});

describe('a port for HTTP', () => {
  it('is said to be taken if it is', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    onTestFinished(() => void holder.close());
    const { port } = holder.address() as { port: number };
    const metrics = { contentType: 'text/plain', text: async () => '' };
    const listening = (host: string) =>
      startHttpServer({ api: setup().api, metrics, host, port, allowedHosts: [], allowedOrigins: [] });
    const taken = await failureOf(listening('127.0.0.1'));
    expect(taken).toMatchObject({ code: 'UNAVAILABLE', reason: 'EADDRINUSE' });
    const unusable = await failureOf(listening('192.0.2.1'));
    expect(unusable).toMatchObject({ code: 'UNAVAILABLE', reason: 'ADDRESS_UNUSABLE' });
  });
});
