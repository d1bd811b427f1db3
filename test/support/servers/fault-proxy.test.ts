import { once } from 'node:events';
import net from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type FaultProxy, startFaultProxy } from './fault-proxy.js';

let echo: net.Server;
let heard = '';
let proxy: FaultProxy;
const callers: net.Socket[] = [];

beforeAll(async () => {
  echo = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      heard += bytes;
      socket.write(bytes);
    });
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
});
beforeEach(async () => {
  heard = '';
  proxy = await startFaultProxy({ host: '127.0.0.1', port: (echo.address() as net.AddressInfo).port });
});
afterEach(async () => {
  for (const caller of callers.splice(0)) caller.destroy();
  await proxy.close();
});
afterAll(() => {
  echo.close();
});

/** Somebody who says things and keeps the answers. */
function call() {
  const socket = net.connect({ host: '127.0.0.1', port: proxy.port });
  callers.push(socket);
  let answers = '';
  let over = false;
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    answers += bytes;
  });
  socket.on('close', () => {
    over = true;
  });
  return { say: (text: string) => socket.write(text), answers: () => answers, over: () => over };
}

test('passes both ways', async () => {
  const { say, answers } = call();
  say('one');
  await expect.poll(answers).toBe('one');
});

test('keeps what is said while it holds', async () => {
  const { say, answers } = call();
  say('one');
  await expect.poll(answers).toBe('one');
  proxy.set('hold');
  say('two');
  const other = call();
  other.say('three');
  await expect.poll(() => proxy.connections).toBe(2);
  expect([answers(), other.answers(), heard]).toEqual(['one', '', 'one']);
  proxy.set('pass');
  await expect.poll(answers).toBe('onetwo');
  await expect.poll(other.answers).toBe('three');
});

test('cuts what is open and what comes', async () => {
  const before = call();
  before.say('one');
  await expect.poll(before.answers).toBe('one');
  proxy.set('cut');
  await expect.poll(before.over).toBe(true);
  await expect.poll(call().over).toBe(true);
  proxy.set('pass');
  const after = call();
  after.say('two');
  await expect.poll(after.answers).toBe('two');
});

test('loses one reply, or one request', async () => {
  const first = call();
  const lost = proxy.loseReplyTo('work');
  first.say('do work');
  await lost;
  await expect.poll(first.over).toBe(true);
  await expect.poll(() => heard).toBe('do work');
  expect(first.answers()).toBe('');
  const second = call();
  const dropped = proxy.loseRequest('more');
  second.say('do more');
  await dropped;
  await expect.poll(second.over).toBe(true);
  const third = call();
  third.say('third');
  await expect.poll(third.answers).toBe('third');
  expect(heard).toBe('do workthird');
});

test('loses all replies', async () => {
  proxy.set('lose replies');
  const { say, answers } = call();
  say('one');
  await expect.poll(() => heard).toBe('one');
  expect(answers()).toBe('');
});
