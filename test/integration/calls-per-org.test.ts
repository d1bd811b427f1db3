import { AgentService, CoordinatorService } from '@reeve/sdk/protocol';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startHttpServer } from '../../src/http/server.js';
import { detailsOf, failureOf } from '../api/support/grpc-client.js';
import { asker, debugOf, SUBMIT, WAIT } from '../api/support/http-world.js';
import { serve } from '../support/grpc-world.js';

const { listTasks, submitTask, waitTask, watchTasks } = CoordinatorService.method;
const { getServerInfo } = AgentService.method;
const INFO = '/reeve.v1.AgentService/GetServerInfo';
const MAX_CALLS = 10;
const MAX_WAITING = 5;

const until = (check: () => unknown) => vi.waitFor(check, 20_000);

/** Both doors of one coordinator that takes ten calls of an organisation at once. */
async function open() {
  const world = await serve({ maxCallsPerOrg: MAX_CALLS });
  const { api } = world;
  const metrics = { contentType: 'text/plain', text: async () => '' };
  const where = { host: '127.0.0.1', port: 0, allowedHosts: [], allowedOrigins: [] };
  const http = await startHttpServer({ api, metrics, ...where });
  http.setServing(true);
  onTestFinished(() => http.close());
  return {
    ...world,
    ask: asker(http.address),
    /** As many tasks as can be waited for, and when somebody waits for each. */
    waitedFor() {
      const ids = Array.from({ length: MAX_WAITING }, () => world.put().taskId);
      const seen = () => new Set(world.reads.flatMap((read) => read.ids));
      return { ids, all: () => until(() => expect([...seen()].sort()).toEqual([...ids].sort())) };
    },
  };
}

const TOO_MANY = { reason: 'TOO_MANY_CALLS_OF_ORG', domain: 'reeve.dev' };

it('long polls of an organisation may take half of its room, through both doors together', async () => {
  const { client, ask, move, waitedFor, tasks } = await open();
  const { ids, all } = waitedFor();
  const [taskId = ''] = ids;
  const waiting = ids.map((taskId, i) =>
    i < 3 ? client.call(waitTask, { taskId }) : ask(WAIT, { body: { taskId } }),
  );
  await all();

  const refused = await ask(WAIT, { body: { taskId } });
  expect([refused.status, refused.json.code]).toEqual([429, 'resource_exhausted']);
  const { ErrorInfo, RetryInfo, QuotaFailure } = debugOf(refused);
  expect(ErrorInfo).toMatchObject({ ...TOO_MANY, metadata: { max_calls: String(MAX_WAITING) } });
  expect(RetryInfo).toEqual({ retryDelay: '1s' });
  expect(QuotaFailure).toMatchObject({ violations: [{ subject: 'org:default' }] });
  const assign = { task: { kind: 'a' }, assignWait: { seconds: 1n } };
  const { info, retry, quota } = detailsOf(await failureOf(client.call(submitTask, assign)));
  expect(info).toMatchObject(TOO_MANY);
  expect(retry?.retryDelay?.seconds).toBe(1n);
  expect(quota?.violations).toMatchObject([{ subject: 'org:default' }]);
  expect(tasks.size).toBe(MAX_WAITING);

  // What is done at once has its own half, and other organisations have their own room.
  expect((await ask(SUBMIT, { body: { task: { kind: 'a' } } })).status).toBe(200);
  expect((await client.call(submitTask, { task: { kind: 'a' } })).task?.org).toBe('default');
  const other = await ask(WAIT, { headers: { org: 'acme' }, body: { taskId, maxWait: '0s' } });
  expect(debugOf(other).ErrorInfo?.reason).toBe('TASK_NOT_FOUND');

  for (const id of ids) move(id, 'SUCCEEDED');
  await Promise.all(waiting);
  expect((await ask(WAIT, { body: { taskId } })).json.ended).toBe(true);
});

it('a stream counts for as long as it is open', async () => {
  const { client, ask, waitedFor } = await open();
  const { ids, all } = waitedFor();
  const [taskId = ''] = ids;
  const streams = ids.map((id) => {
    const stream = client.stream(watchTasks, { taskIds: [id] });
    stream.on('error', () => {});
    stream.resume();
    return stream;
  });
  await all();
  expect(debugOf(await ask(WAIT, { body: { taskId } })).ErrorInfo).toMatchObject(TOO_MANY);
  const sixth = client.stream(watchTasks, { taskIds: [taskId] });
  const error = await new Promise((resolve) => sixth.once('error', resolve));
  expect(detailsOf(error).info).toMatchObject(TOO_MANY);

  streams[0]?.cancel();
  await until(async () => {
    expect((await ask(WAIT, { body: { taskId, maxWait: '0.001s' } })).status).toBe(200);
  });
  for (const stream of streams) stream.cancel();
});

it('beyond its room an organisation gets nothing, until calls have ended, well or not', async () => {
  const { client, ask, record } = await open();
  let begun = 0;
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  record.listTasks = async () => {
    begun += 1;
    await held;
    throw new Error('the record broke');
  };
  const calls = Array.from({ length: MAX_CALLS }, () => failureOf(client.call(listTasks, {})));
  await until(() => expect(begun).toBe(MAX_CALLS));

  expect(detailsOf(await failureOf(client.call(getServerInfo, {}))).info).toMatchObject(TOO_MANY);
  const refused = await ask(INFO, { body: {} });
  expect(debugOf(refused).ErrorInfo).toMatchObject({
    ...TOO_MANY,
    metadata: { max_calls: String(MAX_CALLS), subject: 'org:default' },
  });
  expect((await ask(INFO, { headers: { org: 'acme' }, body: {} })).status).toBe(200);

  // That they fail takes nothing from the room.
  release();
  await Promise.all(calls);
  expect((await ask(INFO, { body: {} })).status).toBe(200);
  expect((await client.call(getServerInfo, {})).protocolVersion).toBe(1);
});
