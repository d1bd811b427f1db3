import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { ServerCredentials } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startPolicyServer } from './support/policy-server.js';
import { setupCaller } from './support/remote-world.js';

const YES = { message: { accepted: true } };
const certificate = readFileSync('test/fixtures/tls/certificate.pem');
const key = readFileSync('test/fixtures/tls/key.pem');

/** Something on loopback that knows whether anybody ever connected. */
async function listen() {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return { port: bound.port, connections: () => connections };
}

function tlsServer() {
  return startPolicyServer({
    reply: () => YES,
    credentials: ServerCredentials.createSsl(null, [{ cert_chain: certificate, private_key: key }]),
  });
}

describe('no connection is made to', () => {
  it.each([
    ['a name that resolves to loopback', 'innocent.example', ['127.0.0.1']],
    ['a name of which one address is loopback', 'innocent.example', ['93.184.215.14', '127.0.0.1']],
    ['a name that resolves to loopback in IPv6 clothes', 'innocent.example', ['::ffff:127.0.0.1']],
    ['loopback itself', '127.0.0.1', []],
  ])('%s', async (_what, host, found) => {
    const trap = await listen();
    const { approve, caller } = setupCaller({
      privateHosts: ['another.example'],
      plaintextHosts: [host],
      lookup: async () => found,
    });
    const address = `${host}:${trap.port}`;
    await expect(approve(address)).rejects.toMatchObject({
      kind: 'UNAVAILABLE',
      message: expect.stringContaining('policy-private-hosts'),
    });
    expect(await caller.objectionTo(address, true)).toContain('policy-private-hosts');
    expect(trap.connections()).toBe(0);
  });

  it('a host without TLS that is not listed for it', async () => {
    const trap = await listen();
    const { approve, caller } = setupCaller({ plaintextHosts: [] });
    const address = `127.0.0.1:${trap.port}`;
    await expect(approve(address)).rejects.toThrow(/without TLS \(setting policy-plaintext-hosts\)/);
    expect(await caller.objectionTo(address, true)).toContain('policy-plaintext-hosts');
    expect(await caller.objectionTo(address, false)).toBeNull();
    expect(trap.connections()).toBe(0);
  });

  it('where a proxy of the environment would lead', async () => {
    const trap = await listen();
    const { approve } = setupCaller();
    const { address } = await startPolicyServer({ reply: () => YES });
    const before = process.env.http_proxy;
    process.env.http_proxy = `http://127.0.0.1:${trap.port}`;
    onTestFinished(() => {
      if (before === undefined) delete process.env.http_proxy;
      else process.env.http_proxy = before;
    });
    expect(await approve(address)).toMatchObject({ accepted: true });
    expect(trap.connections()).toBe(0);
  });
});

describe('a name', () => {
  it('is looked up once for what is checked and what is connected to', async () => {
    const { port } = await startPolicyServer({ reply: () => YES });
    const looked: string[] = [];
    const { approve } = setupCaller({
      privateHosts: ['Policies.Test'],
      plaintextHosts: ['policies.test'],
      // As DNS rebinding does: another address each time.
      lookup: async (host) => (looked.push(host) === 1 ? ['127.0.0.1'] : ['203.0.113.1']),
    });
    expect(await approve(`policies.test:${port}`)).toMatchObject({ accepted: true });
    expect(await approve(`policies.test:${port}`)).toMatchObject({ accepted: true });
    expect(looked).toEqual(['policies.test']);
  });

  it('of both families is reached by the one that answers', async () => {
    const { port } = await startPolicyServer({ reply: () => YES });
    const { approve } = setupCaller({
      privateHosts: ['both.test'],
      plaintextHosts: ['both.test'],
      lookup: async () => ['127.0.0.1', '::1'],
    });
    expect(await approve(`both.test:${port}`)).toMatchObject({ accepted: true });
    const other = setupCaller({
      privateHosts: ['both.test'],
      plaintextHosts: ['both.test'],
      // IPv4 is tried first, and nobody is there.
      lookup: async () => ['127.0.0.77', `::ffff:127.0.0.1`],
    });
    const answers = await Promise.all(Array.from({ length: 5 }, () => other.approve(`both.test:${port}`)));
    expect(answers.every(({ accepted }) => accepted)).toBe(true);
  });

  it('that cannot be resolved fails the call, and is no objection', async () => {
    const { approve, caller } = setupCaller({
      lookup: async () => {
        throw Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
      },
    });
    await expect(approve('gone.example:443', { plaintext: false, deadlineMs: 1_000 })).rejects.toMatchObject({
      kind: 'UNAVAILABLE',
      message: 'the name gone.example could not be resolved (ENOTFOUND)',
    });
    expect(await caller.objectionTo('gone.example:443', false)).toBeNull();
  });

  it('whose server does not answer fails the call at its deadline', async () => {
    const { approve } = setupCaller({ lookup: () => new Promise(() => {}) });
    await expect(approve('slow.example:443', { plaintext: false, deadlineMs: 100 })).rejects.toMatchObject({
      kind: 'DEADLINE',
    });
  });
});

describe('with TLS', () => {
  const options = { privateHosts: ['policies.test', 'others.test'], lookup: async () => ['127.0.0.1'] };

  it('a service with a trusted certificate of the name is called', async () => {
    const { port } = await tlsServer();
    const { approve } = setupCaller({ ...options, trustedCertificates: certificate });
    expect(await approve(`policies.test:${port}`, { plaintext: false })).toMatchObject({ accepted: true });
  });

  it.each([
    ['the certificate is of another name', 'others.test', certificate],
    ['nobody trusts the certificate', 'policies.test', undefined],
  ])('it is not when %s', async (_when, host, trusted) => {
    const { port, calls } = await tlsServer();
    const { approve } = setupCaller({ ...options, ...(trusted && { trustedCertificates: trusted }) });
    await expect(approve(`${host}:${port}`, { plaintext: false, deadlineMs: 1_500 })).rejects.toMatchObject({
      kind: 'UNAVAILABLE',
    });
    expect(calls).toHaveLength(0);
  });

  it('it is not when the service speaks without', async () => {
    const { port, calls } = await startPolicyServer({ reply: () => YES });
    const { approve } = setupCaller(options);
    await expect(
      approve(`policies.test:${port}`, { plaintext: false, deadlineMs: 1_500 }),
    ).rejects.toMatchObject({ kind: 'UNAVAILABLE' });
    expect(calls).toHaveLength(0);
  });
});
