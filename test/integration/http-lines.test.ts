import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { ReeveError } from '../../src/api/errors.js';
import { debugOf, type Json, SUBMIT, serveHttp, until, WATCH } from '../api/support/http-world.js';

const WATCH_AGENTS = '/reeve.v1.AgentService/WatchAgents';
const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Asks for a stream as curl does; `lines` gives its messages. */
async function serve() {
  const world = await serveHttp();
  cleanups.push(() => world.server.close());
  return {
    ...world,
    stream: (path: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
      new Promise<Lines>((resolve, reject) => {
        const type = { 'content-type': 'application/json', accept: 'application/x-ndjson' };
        const options = { method: 'POST', headers: { ...type, ...headers }, agent: false };
        const req = request(`http://${world.server.address}${path}`, options, (res) => {
          resolve({
            status: res.statusCode ?? 0,
            type: res.headers['content-type'],
            lines: parsed(res),
            leave,
          });
        });
        const leave = () => void req.destroy();
        cleanups.push(leave);
        req.on('error', reject);
        req.end(JSON.stringify(body));
      }),
  };
}

interface Lines {
  readonly status: number;
  readonly type: string | undefined;
  readonly lines: AsyncGenerator<Json>;
  leave(): void;
}

async function* parsed(body: AsyncIterable<Buffer>): AsyncGenerator<Json> {
  let rest = Buffer.alloc(0);
  for await (const chunk of body) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      yield JSON.parse(rest.subarray(0, end).toString()) as Json;
      rest = rest.subarray(end + 1);
    }
  }
}

async function rest(lines: AsyncIterable<Json>): Promise<Json[]> {
  const out: Json[] = [];
  for await (const line of lines) out.push(line);
  return out;
}

describe('a stream that plain JSON asks for', () => {
  it('is a message a line, as they come, until it ends', async () => {
    const { stream, put, move } = await serve();
    const { taskId } = put();
    const { status, type, lines } = await stream(WATCH, { taskIds: [taskId] });
    expect([status, type]).toEqual([200, 'application/x-ndjson']);
    const told: unknown[] = [];
    for await (const { changes } of lines) {
      told.push(changes?.[0]?.task?.state);
      const next = (['RUNNING', 'SUCCEEDED'] as const)[told.length - 1];
      if (next) move(taskId, next);
    }
    expect(told).toEqual(['TASK_STATE_QUEUED', 'TASK_STATE_RUNNING', 'TASK_STATE_SUCCEEDED']);
  });

  it('has bookmarks among its messages, and payloads as JSON', async () => {
    const { stream, ask } = await serve();
    const input = { json: { a: 'ä\n' } };
    await ask(SUBMIT, { body: { task: { kind: 'seen', input } } });
    const selected = { selector: { kinds: ['seen'] }, view: 'TASK_VIEW_FULL' };
    const { lines } = await stream(WATCH, selected);
    const { value } = await lines.next();
    expect(value).toMatchObject({
      changes: [{ task: { spec: { input } } }],
      bookmark: { snapshotComplete: true, resumeToken: expect.any(String) },
    });
  });

  it('is answered to every method that streams, and to what curl -d calls a form', async () => {
    const { stream } = await serve();
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const { status, lines } = await stream(WATCH_AGENTS, {}, form);
    expect([status, (await lines.next()).value]).toMatchObject([200, { snapshotComplete: true }]);
  });

  it('has a status of HTTP, and the body of any other call, for what is wrong from the start', async () => {
    const { ask } = await serve();
    const mistyped = await ask(WATCH, { body: { selectr: {} } });
    expect([mistyped.status, mistyped.headers['content-type']]).toEqual([400, 'application/json']);
    expect(debugOf(mistyped)).toMatchObject({
      ErrorInfo: { reason: 'INVALID_FIELD' },
      BadRequest: { fieldViolations: [{ field: 'selectr' }] },
    });
    const broken = await ask(WATCH, { body: { selector: { kinds: ['a b'] } } });
    expect(debugOf(broken).BadRequest?.fieldViolations).toMatchObject([{ field: 'selector.kinds[0]' }]);
    const large = await ask(WATCH, { body: ' '.repeat(5 * 1024 * 1024) });
    expect([large.status, debugOf(large).ErrorInfo?.reason]).toEqual([429, 'MESSAGE_TOO_LARGE']);
    const gzip = await ask(WATCH, { headers: { 'content-encoding': 'gzip' }, body: {} });
    expect([gzip.status, gzip.json.code]).toEqual([501, 'unimplemented']);
    expect(gzip.json.message).toContain('(gzip): send it uncompressed');
    const headers = { origin: 'https://elsewhere.example' };
    expect((await ask(WATCH, { headers, body: {} })).status).toBe(403);
  });

  it('ends with a line that says what it failed with', async () => {
    const { stream, put, move, record } = await serve();
    const { taskId } = put();
    const { status, lines } = await stream(WATCH, { taskIds: [taskId] });
    await lines.next();
    record.getTasks = async () => {
      throw new ReeveError('UNAVAILABLE', 'RECORD_DOWN', 'the record is away');
    };
    move(taskId, 'RUNNING');
    const last = (await rest(lines)).at(-1);
    expect([status, last]).toMatchObject([
      200,
      { error: { code: 'unavailable', message: 'the record is away' } },
    ]);
    expect(JSON.stringify(last?.error?.details)).toContain('RECORD_DOWN');
  });

  it('ends so when its time is up, and when the server shuts down', async () => {
    const { stream, put, api } = await serve();
    const { taskId } = put();
    const late = await stream(WATCH, { taskIds: [taskId] }, { 'connect-timeout-ms': '100' });
    expect((await rest(late.lines)).at(-1)).toMatchObject({ error: { code: 'deadline_exceeded' } });
    const closed = await stream(WATCH, { taskIds: [taskId] });
    await closed.lines.next();
    api.close();
    expect((await rest(closed.lines)).at(-1)).toMatchObject({ error: { code: 'unavailable' } });
  });

  it('is over for the server when its reader has gone', async () => {
    const { stream, put, move, reads, server, ask, logged } = await serve();
    const { taskId } = put();
    const { lines, leave } = await stream(WATCH, { taskIds: [taskId] });
    await lines.next();
    leave();
    await until(async () => {
      const before = reads.length;
      move(taskId, 'RUNNING');
      await ask('/livez', { method: 'GET' });
      expect(reads.length).toBe(before);
    });
    server.setServing(false);
    await server.whenQuiet(10_000);
    expect(logged.filter(({ level }) => level !== 'debug')).toEqual([]);
  });
});
