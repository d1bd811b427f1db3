import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { openTcpProxy, PASS, type TcpProxy } from './tcp-proxy.js';

const closers: (() => void)[] = [];
const until = (check: () => unknown) => vi.waitFor(check, 20_000);

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that answers each line with its name and the line. */
async function startEcho(name: string) {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.trimEnd().split('\n')) {
        heard.push(line);
        socket.write(`${name} ${line}\n`);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  closers.push(close);
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, heard, close };
}

async function proxyTo(...targets: string[]): Promise<TcpProxy> {
  const proxy = await openTcpProxy(targets);
  closers.push(() => proxy.close());
  return proxy;
}

async function call(proxy: TcpProxy) {
  const socket = connect(proxy.port, '127.0.0.1');
  socket.on('error', () => {});
  closers.push(() => socket.destroy());
  let said = '';
  let closed = false;
  socket.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  socket.on('close', () => {
    closed = true;
  });
  await once(socket, 'connect');
  return {
    say: (line: string) => void socket.write(`${line}\n`),
    hears: (text: string) => until(() => expect(said).toContain(text)),
    isCut: () => until(() => expect(closed).toBe(true)),
    said: () => said,
  };
}

it('what passes arrives both ways, at the targets in turn, past one that takes none', async () => {
  const [one, two, gone] = [await startEcho('one'), await startEcho('two'), await startEcho('gone')];
  gone.close();
  const proxy = await proxyTo(one.address, gone.address, two.address);
  for (const name of ['one', 'two', 'one']) {
    const caller = await call(proxy);
    caller.say('hello');
    await caller.hears(`${name} hello`);
  }
});

it('a lost reply was heard by the server, and the connection is cut when the proxy heals', async () => {
  const echo = await startEcho('echo');
  const proxy = await proxyTo(echo.address);
  const caller = await call(proxy);
  caller.say('first');
  await caller.hears('echo first');
  proxy.set({ ...PASS, toClient: { kind: 'lose' } });
  caller.say('second');
  await until(() => expect(echo.heard).toEqual(['first', 'second']));
  await until(() => expect(proxy.lost()).toBe('echo second\n'.length));
  proxy.heal();
  await caller.isCut();
  expect(caller.said()).not.toContain('second');
});

it('what is held arrives once it may, in order', async () => {
  const echo = await startEcho('echo');
  const proxy = await proxyTo(echo.address);
  const caller = await call(proxy);
  caller.say('first');
  await caller.hears('echo first');
  proxy.set({ ...PASS, toServer: { kind: 'hold' } });
  caller.say('second');
  caller.say('third');
  const other = await call(proxy);
  other.say('fourth');
  proxy.heal();
  await caller.hears('echo third');
  await other.hears('echo fourth');
  expect(echo.heard.indexOf('second')).toBeLessThan(echo.heard.indexOf('third'));
});

it('late and slow bytes all arrive', async () => {
  const echo = await startEcho('echo');
  const proxy = await proxyTo(echo.address);
  const caller = await call(proxy);
  proxy.set({ toServer: { kind: 'delay', ms: 30 }, toClient: { kind: 'trickle', bytesPerSecond: 2_000 } });
  const long = 'x'.repeat(500);
  caller.say(long);
  caller.say('last');
  await caller.hears(`echo ${long}\necho last`);
});

it('a cut resets the share of the connections that it names', async () => {
  const echo = await startEcho('echo');
  const proxy = await proxyTo(echo.address);
  const [one, two] = [await call(proxy), await call(proxy)];
  for (const caller of [one, two]) {
    caller.say('hello');
    await caller.hears('echo hello');
  }
  expect(proxy.cut(0.5)).toBe(1);
  await one.isCut();
  two.say('still here');
  await two.hears('echo still here');
});
