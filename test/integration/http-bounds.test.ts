import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { asker, debugOf, SUBMIT, serveHttp, until, WAIT, WATCH } from '../api/support/http-world.js';

async function serve(options: Parameters<typeof serveHttp>[0] = {}) {
  const world = await serveHttp(options);
  return { ...world, open: () => openSocket(world.server.port) };
}

/** A bare connection: what came over it, and its end. */
function openSocket(port: number) {
  const socket: Socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket.on('data', (data: Buffer) => {
    received += data.toString('latin1');
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { socket, closed, received: () => received };
}

function head(path: string, headers: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}`);
  return [`POST ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** The request of a watch that is answered in lines. */
function plainWatch(taskId: string): Buffer {
  const message = JSON.stringify({ taskIds: [taskId] });
  return Buffer.from(head(WATCH, { ...JSON_TYPE, 'content-length': message.length }) + message);
}

/** The request of a watch in the Connect protocol, in its envelope. */
function envelopedWatch(taskId: string): Buffer {
  const message = Buffer.from(JSON.stringify({ taskIds: [taskId] }));
  const envelope = Buffer.alloc(5);
  envelope.writeUInt32BE(message.length, 1);
  const headers = { 'content-type': 'application/connect+json', 'content-length': message.length + 5 };
  return Buffer.concat([Buffer.from(head(WATCH, headers)), envelope, message]);
}

describe('a body that is too large', () => {
  it('is refused by what it says of itself, before any of it is there', async () => {
    const { open, tasks } = await serve();
    const { socket, received } = open();
    socket.write(head(SUBMIT, { ...JSON_TYPE, 'content-length': 1_000_000_000 }));
    await until(() => expect(received()).toContain('resource_exhausted'));
    expect(received()).toContain('HTTP/1.1 429');
    expect(tasks.size).toBe(0);
  });

  it('is refused as soon as it has grown too large, and the connection ends if it goes on', async () => {
    const { open } = await serve();
    const { socket, received, closed } = open();
    socket.write(head(SUBMIT, { ...JSON_TYPE, 'transfer-encoding': 'chunked' }));
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
    let over = false;
    void closed.then(() => {
      over = true;
    });
    const flood = () => {
      while (!over && socket.write(chunk));
    };
    socket.on('drain', flood);
    flood();
    await until(() => expect(received()).toContain('resource_exhausted'));
    await closed;
  });

  it('leaves the connection to the next request once it is through', async () => {
    const { open } = await serve();
    const { socket, received } = open();
    const size = 5 * 1024 * 1024;
    socket.write(head(SUBMIT, { ...JSON_TYPE, 'content-length': size }));
    socket.write(Buffer.alloc(size, ' '));
    await until(() => expect(received()).toContain('HTTP/1.1 429'));
    const body = '{"task":{"kind":"a"}}';
    socket.write(head(SUBMIT, { ...JSON_TYPE, 'content-length': body.length }) + body);
    await until(() => expect(received()).toContain('HTTP/1.1 200'));
  });

  it('is refused in gRPC-Web too, by the length in its envelope', async () => {
    const { server } = await serve();
    const envelope = Buffer.from([0, 0x7f, 0, 0, 0]);
    const answer = await fetch(`http://${server.address}${SUBMIT}`, {
      method: 'POST',
      headers: { 'content-type': 'application/grpc-web+proto' },
      body: envelope,
    });
    expect(await answer.text()).toMatch(/grpc-status: 8\r\n/);
  });
});

describe('a client that is slow to send', () => {
  const limits = { headersTimeoutMs: 1_000, requestTimeoutMs: 3_000 };

  it('is cut off if it does not finish its headers, and if it says nothing at all', async () => {
    const { open } = await serve({ limits });
    const slow = open();
    slow.socket.write('POST / HTTP/1.1\r\nhost: localhost\r\nx-slow: ');
    const dripping = setInterval(() => slow.socket.write('a'), 20);
    onTestFinished(() => clearInterval(dripping));
    const silent = open();
    await Promise.all([slow.closed, silent.closed]);
    expect(slow.received()).toContain('HTTP/1.1 408');
  });

  it('is cut off if it does not finish its body', async () => {
    const { open, tasks } = await serve({ limits });
    const { socket, closed, received } = open();
    socket.write(head(SUBMIT, { ...JSON_TYPE, 'content-length': 1_000 }));
    const dripping = setInterval(() => socket.write(' '), 20);
    onTestFinished(() => clearInterval(dripping));
    await closed;
    expect(received()).not.toContain('200');
    expect(tasks.size).toBe(0);
  });

  it('does not disturb the others, nor the log', async () => {
    const { open, ask, logged } = await serve({ limits });
    const { socket, closed } = open();
    socket.write(head(SUBMIT, { ...JSON_TYPE, 'content-length': 1_000 }));
    expect((await ask(SUBMIT, { body: { task: { kind: 'a' } } })).status).toBe(200);
    await closed;
    expect(logged.filter(({ level }) => level !== 'debug')).toEqual([]);
  });
});

describe('what else a client can make large', () => {
  it('headers', async () => {
    const { ask } = await serve();
    const answer = await ask(SUBMIT, { headers: { 'x-large': 'x'.repeat(20_000) }, body: {} });
    expect(answer.status).toBe(431);
    const query = await ask(`${WAIT}?encoding=json&message=${'x'.repeat(20_000)}`, { method: 'GET' });
    expect(query.status).toBe(431);
  });

  it('the number of its connections', async () => {
    const { open, server } = await serve({ limits: { maxConnections: 3 } });
    const first = [open(), open(), open()];
    for (const { socket, received } of first) {
      socket.write('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n');
      await until(() => expect(received()).toContain('200 OK'));
    }
    await open().closed;
    first[0]?.socket.destroy();
    await until(async () => {
      expect((await asker(server.address)('/livez', { method: 'GET' })).status).toBe(200);
    });
  });
});

describe.each([
  ['in envelopes', envelopedWatch],
  ['in lines', plainWatch],
])('a reader of a stream %s', (_, watchRequest) => {
  const reason = 'x'.repeat(200_000);

  it('that does not read is told of the newest state only, and nothing is read for it meanwhile', async () => {
    const { open, ask, put, move, reads } = await serve();
    const { taskId } = put({ reason });
    const { socket, received } = open();
    socket.pause();
    socket.write(watchRequest(taskId));
    await until(() => expect(reads.length).toBeGreaterThan(0));
    const changes = 200;
    for (let i = 0; i < changes; i++) {
      move(taskId, 'RUNNING', { reason });
      await ask('/livez', { method: 'GET' });
    }
    expect(reads.length).toBeLessThan(changes / 2);
    move(taskId, 'SUCCEEDED', { reason: 'done' });
    socket.resume();
    await until(() => expect(received()).toContain('TASK_STATE_SUCCEEDED'));
    const seqs = [...received().matchAll(/"seq":"(\d+)"/g)].map(([, seq]) => Number(seq));
    expect(seqs.at(-1)).toBe(changes + 2);
    expect(seqs.length).toBeLessThan(changes / 2);
  });

  it('that goes away while it is behind ends its watch', async () => {
    const { open, ask, put, move, reads, server } = await serve();
    const { taskId } = put({ reason });
    const { socket } = open();
    socket.pause();
    socket.write(watchRequest(taskId));
    await until(() => expect(reads.length).toBeGreaterThan(0));
    let before = -1;
    // Until the server waits for the reader.
    await until(async () => {
      before = reads.length;
      for (let i = 0; i < 5; i++) {
        move(taskId, 'RUNNING', { reason });
        await ask('/livez', { method: 'GET' });
      }
      expect(reads.length).toBe(before);
    });
    socket.destroy();
    server.setServing(false);
    await server.whenQuiet(10_000);
    move(taskId, 'RUNNING', { reason });
    await ask('/livez', { method: 'GET' });
    expect(reads.length).toBe(before);
  });
});

describe('a caller that has gone', () => {
  it('ends what waited for it, silently', async () => {
    const { open, put, reads, server, logged } = await serve();
    const { taskId } = put();
    const { socket } = open();
    const body = JSON.stringify({ taskId });
    socket.write(head(WAIT, { ...JSON_TYPE, 'content-length': body.length }) + body);
    await until(() => expect(reads.length).toBeGreaterThan(0));
    socket.destroy();
    server.setServing(false);
    await server.whenQuiet(10_000);
    expect(logged.filter(({ level }) => level !== 'debug')).toEqual([]);
  });

  it('is not waited for longer than the grace when the server stops', async () => {
    const { open, ask, put, reads, server, logged } = await serve();
    const { taskId } = put();
    const { socket, closed } = open();
    const body = JSON.stringify({ taskId });
    socket.write(head(WAIT, { ...JSON_TYPE, 'content-length': body.length }) + body);
    await until(() => expect(reads.length).toBeGreaterThan(0));
    server.setServing(false);
    const refused = await ask(SUBMIT, { body: { task: { kind: 'a' } } });
    expect([refused.status, debugOf(refused).ErrorInfo?.reason]).toEqual([503, 'SHUTTING_DOWN']);
    expect(refused.headers.connection).toBe('close');
    await server.whenQuiet(10);
    expect(logged.filter(({ level }) => level === 'warn')).toHaveLength(1);
    await server.close();
    await closed;
    await server.close();
  });
});
