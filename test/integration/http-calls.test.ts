import { Code, type ConnectError, createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { AgentService } from '@reeve/sdk/protocol';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../api/support/grpc-client.js';
import { debugOf, GET_TASK, SUBMIT, serveHttp, WAIT, WATCH, WORK } from '../api/support/http-world.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

describe('JSON over HTTP', () => {
  it('submits a task and reads it back, its payload as JSON', async () => {
    const { ask } = await serveHttp();
    const submitted = await ask(SUBMIT, {
      body: { task: { kind: 'echo', input: { json: { a: [1, null] } } } },
    });
    expect(submitted).toMatchObject({ status: 200, json: { task: { state: 'TASK_STATE_QUEUED' } } });
    const { taskId } = submitted.json.task ?? {};
    const read = await ask(GET_TASK, { body: { taskId } });
    expect(read.json.task?.spec?.input).toEqual({ mediaType: 'application/json', json: { a: [1, null] } });
    const asData = await ask(GET_TASK, { body: { task_id: taskId, payload_as: 'PAYLOAD_VIEW_DATA' } });
    expect(asData.json.task?.spec?.input).toEqual({
      mediaType: 'application/json',
      data: Buffer.from('{"a":[1,null]}').toString('base64'),
    });
  });

  it('takes what curl -d sends, which calls itself a form', async () => {
    const { ask, tasks } = await serveHttp();
    const submitted = await ask(SUBMIT, { headers: FORM, body: { task: { kind: 'echo' } } });
    expect(submitted).toMatchObject({ status: 200, json: { task: { spec: { kind: 'echo' } } } });
    expect(tasks.size).toBe(1);
    const real = await ask(SUBMIT, { headers: FORM, body: 'task.kind=echo' });
    expect([real.status, real.json.code]).toEqual([400, 'invalid_argument']);
  });

  it('answers GET where a call changes nothing, and only there', async () => {
    const { ask, put } = await serveHttp();
    const { taskId } = put();
    const message = JSON.stringify({ taskId });
    const plain = `${GET_TASK}?encoding=json&message=${encodeURIComponent(message)}`;
    const base64 = `${GET_TASK}?encoding=json&base64=1&message=${Buffer.from(message).toString('base64url')}`;
    for (const path of [plain, base64]) {
      expect(await ask(path, { method: 'GET' })).toMatchObject({ status: 200, json: { task: { taskId } } });
    }
    const changing = await ask(`${SUBMIT}?encoding=json&message={}`, { method: 'GET' });
    expect([changing.status, changing.headers.allow]).toEqual([405, 'POST']);
    const odd = await ask(GET_TASK, { method: 'DELETE' });
    expect([odd.status, odd.headers.allow, odd.json.code]).toEqual([405, 'GET, POST', 'unimplemented']);
    const compressed = await ask(`${plain}&compression=gzip`, { method: 'GET' });
    expect([compressed.status, compressed.json.code]).toEqual([501, 'unimplemented']);
    expect(debugOf(compressed).ErrorInfo?.reason).toBe('COMPRESSION_UNSUPPORTED');
    const broken = await ask(`${GET_TASK}?encoding=json&base64=1&message=!!`, { method: 'GET' });
    expect(debugOf(broken).ErrorInfo?.reason).toBe('MALFORMED_MESSAGE');
  });

  it('names every field that breaks a rule, for people and for programs', async () => {
    const { ask, tasks } = await serveHttp();
    const answer = await ask(SUBMIT, { body: { task: { kind: 'no spaces', labels: { 'bad key': 'x' } } } });
    expect([answer.status, answer.json.code]).toEqual([400, 'invalid_argument']);
    expect(answer.json.message).toContain('task.kind');
    const { ErrorInfo, BadRequest } = debugOf(answer);
    expect(ErrorInfo).toEqual({ reason: 'INVALID_FIELD', domain: 'reeve.dev' });
    expect(BadRequest?.fieldViolations).toMatchObject([
      { field: 'task.kind' },
      { field: 'task.labels["bad key"]' },
    ]);
    expect(tasks.size).toBe(0);
  });

  it.each([
    ['no JSON', '{"task":', 'JSON'],
    ['no object', '[]', 'an object, such as {}, not a list'],
    ['nothing', 'null', 'an object, such as {}, not null'],
    ['a field twice', '{"task":{"kind":"a","kind":"b"}}', 'duplicate'],
  ])('says what is wrong with %s', async (_, body, cause) => {
    const { ask, tasks } = await serveHttp();
    const answer = await ask(SUBMIT, { body });
    expect([answer.status, answer.json.code]).toEqual([400, 'invalid_argument']);
    expect(answer.json.message).toContain(cause);
    expect(debugOf(answer).ErrorInfo?.reason).toBe('MALFORMED_MESSAGE');
    expect(tasks.size).toBe(0);
  });

  it('says at which fields JSON has another shape than the call, and what is wanted there', async () => {
    const { ask, tasks } = await serveHttp();
    const answer = await ask(SUBMIT, { body: { task: { knid: 'echo', tier: 'URGENT', runAt: 'tomorrow' } } });
    expect([answer.status, debugOf(answer).ErrorInfo?.reason]).toEqual([400, 'INVALID_FIELD']);
    expect(debugOf(answer).BadRequest?.fieldViolations).toEqual([
      { field: 'task.knid', description: 'is no field of TaskSpec; did you mean kind?' },
      { field: 'task.tier', description: expect.stringContaining('did you mean TIER_URGENT?') },
      { field: 'task.run_at', description: expect.stringContaining('such as "2026-01-31T08:30:00Z"') },
    ]);
    expect(tasks.size).toBe(0);
  });

  it('refuses bytes that are no UTF-8 instead of replacing them', async () => {
    const { server, tasks } = await serveHttp();
    const body = Buffer.concat([
      Buffer.from('{"task":{"kind":"a","goal":"'),
      Buffer.from([0xff]),
      Buffer.from('"}}'),
    ]);
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`http://${server.address}${SUBMIT}`, { method: 'POST', headers, body });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('UTF-8');
    expect(tasks.size).toBe(0);
  });

  it('keeps keys that are names in JavaScript', async () => {
    const { ask } = await serveHttp();
    const json = '{"__proto__":{"a":1},"constructor":2}';
    const { json: submitted } = await ask(SUBMIT, { body: `{"task":{"kind":"a","input":{"json":${json}}}}` });
    const { taskId } = submitted.task ?? {};
    const read = await ask(GET_TASK, { body: { taskId, payloadAs: 'PAYLOAD_VIEW_DATA' } });
    const data = String(read.json.task?.spec?.input?.data);
    expect(JSON.parse(Buffer.from(data, 'base64').toString())).toEqual(JSON.parse(json));
  });

  it('takes organisation and subject from headers, and keeps organisations apart', async () => {
    const { ask } = await serveHttp();
    const headers = { org: 'acme', subject: 'ada' };
    const { json } = await ask(SUBMIT, { headers, body: { task: { kind: 'a' } } });
    expect(json.task).toMatchObject({ org: 'acme', spec: { submitterSubjectId: 'ada' } });
    const { taskId } = json.task ?? {};
    expect((await ask(GET_TASK, { headers: { org: 'acme' }, body: { taskId } })).status).toBe(200);
    const other = await ask(GET_TASK, { body: { taskId } });
    expect([other.status, debugOf(other).ErrorInfo?.reason]).toEqual([404, 'TASK_NOT_FOUND']);
    const bad = await ask(GET_TASK, { headers: { org: '../etc' }, body: { taskId } });
    expect(debugOf(bad).BadRequest?.fieldViolations).toMatchObject([{ field: 'metadata["org"]' }]);
  });

  it('keeps the cause of an unexpected failure to the log, under the id that the caller gets', async () => {
    const { ask, record, logged } = await serveHttp();
    record.listTasks = async () => {
      throw new Error('the secret cause');
    };
    const answer = await ask('/reeve.v1.CoordinatorService/ListTasks', { body: {} });
    expect([answer.status, answer.json.code]).toEqual([500, 'internal']);
    expect(answer.text).not.toContain('secret');
    const correlationId = debugOf(answer).ErrorInfo?.metadata?.correlation_id;
    expect(logged.filter(({ level }) => level === 'error')).toMatchObject([{ fields: { correlationId } }]);
  });

  it('ends a call when its time is up, and gives its own to one that asks for nonsense', async () => {
    const { ask, put } = await serveHttp({ limits: { unaryDeadlineMs: 1_000 } });
    const { taskId } = put();
    for (const asked of ['20', '9999999999', 'soon', '0']) {
      const answer = await ask(WAIT, { headers: { 'connect-timeout-ms': asked }, body: { taskId } });
      expect([asked, answer.status, answer.json.code]).toEqual([asked, 504, 'deadline_exceeded']);
    }
    const short = await ask(WAIT, { body: { taskId, maxWait: '0.001s' } });
    expect(short).toMatchObject({ status: 200, json: { task: { taskId } } });
  });

  it('tells who is lost where to look', async () => {
    const { ask } = await serveHttp();
    const unknown = await ask('/reeve.v1.CoordinatorService/SubmitTaks', { body: {} });
    expect([unknown.status, unknown.json.code]).toEqual([404, 'unimplemented']);
    expect(unknown.json.paths).toEqual(expect.arrayContaining([SUBMIT, '/livez', '/readyz', '/metrics']));
    const stream = await ask(WATCH, { headers: { 'content-type': 'text/plain' }, body: {} });
    expect([stream.status, stream.json.message]).toEqual([
      415,
      expect.stringContaining('application/connect+json'),
    ]);
    const xml = await ask(SUBMIT, { headers: { 'content-type': 'text/xml' }, body: '<a/>' });
    expect([xml.status, xml.json.message]).toEqual([415, expect.stringContaining('application/json')]);
    const gzip = await ask(SUBMIT, { headers: { 'content-encoding': 'gzip' }, body: {} });
    expect([gzip.status, gzip.json.code]).toEqual([501, 'unimplemented']);
    expect(debugOf(gzip).ErrorInfo?.reason).toBe('COMPRESSION_UNSUPPORTED');
    const identity = await ask(SUBMIT, {
      headers: { 'content-encoding': 'identity' },
      body: { task: { kind: 'echo' } },
    });
    expect(identity.status).toBe(200);
  });
});

describe('Work over HTTP', () => {
  const TWINS =
    /LeaseTasks, AcceptLeases, RenewLeases, ReleaseLeases, ReportProgress, ReportResults, Heartbeat/;

  it('does not exist, and says what does its work', async () => {
    const { ask } = await serveHttp();
    const answer = await ask(WORK, { body: {} });
    expect([answer.status, answer.json.code]).toEqual([501, 'unimplemented']);
    expect(answer.json.message).toMatch(TWINS);
  });

  it('fails in the form that a client reads which tries all the same', async () => {
    const { server } = await serveHttp();
    const transport = createConnectTransport({ baseUrl: `http://${server.address}`, httpVersion: '1.1' });
    async function* hello() {
      yield { message: { case: 'pong', value: { nonce: 1n } } } as const;
    }
    const read = async () => {
      for await (const _ of createClient(AgentService, transport).work(hello())) expect.unreachable();
    };
    const error = (await failureOf(read())) as unknown as ConnectError;
    expect(error.code).toBe(Code.Unimplemented);
    expect(error.message).toMatch(TWINS);
  });
});
