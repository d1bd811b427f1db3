import { create, toBinary } from '@bufbuild/protobuf';
import { SubmitTaskRequestSchema, WatchTasksRequestSchema } from '@reeve/sdk/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { enveloped, FRAMINGS, failureOver } from '../api/support/framed.js';
import { SUBMIT, serveHttp, WATCH } from '../api/support/http-world.js';

const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve() {
  const world = await serveHttp();
  cleanups.push(() => world.server.close());
  return { ...world, urlOf: (path: string) => `http://${world.server.address}${path}` };
}

describe.each(FRAMINGS)('what is wrong with a request of %s', (type) => {
  const isJson = type.endsWith('json');
  const watch = (json: object) =>
    enveloped(
      isJson
        ? JSON.stringify(json)
        : toBinary(WatchTasksRequestSchema, create(WatchTasksRequestSchema, json)),
    );

  it('is said at its field when it breaks a rule', async () => {
    const { urlOf } = await serve();
    const failure = await failureOver(urlOf(WATCH), type, watch({ selector: { kinds: ['a b'] } }));
    expect(failure).toMatchObject({
      code: 'invalid_argument',
      reason: 'INVALID_FIELD',
      fields: ['selector.kinds[0]'],
    });
  });

  it('is said at its field when it has another shape, or would be lost', async () => {
    const { urlOf, tasks } = await serve();
    // Labels of a spec are field 6 in binary: an entry of key and value.
    const named = { task: { kind: 'a', labels: { xxxxxxxxx: 'x' } } };
    const bytes = isJson
      ? Buffer.from(JSON.stringify(named))
      : Buffer.from(toBinary(SubmitTaskRequestSchema, create(SubmitTaskRequestSchema, named)));
    const lost = Buffer.from(bytes.toString('latin1').replace('xxxxxxxxx', '__proto__'), 'latin1');
    if (type.includes('grpc-web')) {
      expect(await failureOver(urlOf(SUBMIT), type, enveloped(lost))).toMatchObject({
        reason: 'INVALID_FIELD',
        fields: ['task.labels["__proto__"]'],
      });
    }
    const labels = '{"selector":{"labels":{"__proto__":"x"}}}';
    const selector = create(WatchTasksRequestSchema, { selector: { labels: { xxxxxxxxx: 'x' } } });
    const binary = Buffer.from(toBinary(WatchTasksRequestSchema, selector)).toString('latin1');
    const watched = isJson ? labels : Buffer.from(binary.replace('xxxxxxxxx', '__proto__'), 'latin1');
    expect(await failureOver(urlOf(WATCH), type, enveloped(watched))).toMatchObject({
      reason: 'INVALID_FIELD',
      fields: ['selector.labels["__proto__"]'],
    });
    const garbled = await failureOver(urlOf(WATCH), type, enveloped(isJson ? '{"selectr":{}}' : '\x0f'));
    expect(garbled).toMatchObject(
      isJson ? { reason: 'INVALID_FIELD', fields: ['selectr'] } : { reason: 'MALFORMED_MESSAGE' },
    );
    expect(tasks.size).toBe(0);
  });

  it.each([
    ['that is none', '{}'],
    ['that is none, and longer than its head', '{"taskIds":[]}'],
    ['that ends in its head', '\0\0'],
    ['that is not there', ''],
  ])('is said of an envelope %s, and what to send instead', async (_, body) => {
    const { urlOf } = await serve();
    const failure = await failureOver(urlOf(WATCH), type, Buffer.from(body));
    expect(failure).toMatchObject({ code: 'invalid_argument', reason: 'NOT_ENVELOPED' });
    expect(failure.message).toContain(type);
    expect(failure.message).toContain('JSON without one goes as application/json');
  });

  it.each([
    ['is longer than what follows', Buffer.concat([enveloped('{}'), Buffer.from('{}')])],
    ['is shorter than it says', enveloped('{}').subarray(0, 6)],
    ['says that it is compressed', enveloped('{}', 1)],
  ])('is said of an envelope that %s', async (_, body) => {
    const { urlOf } = await serve();
    const failure = await failureOver(urlOf(WATCH), type, body);
    expect(failure).toMatchObject({ code: 'invalid_argument', reason: 'MALFORMED_MESSAGE' });
  });

  it.each(['content-encoding', 'connect-content-encoding', 'grpc-encoding'])(
    'is said of one that is compressed by %s, which none may be',
    async (header) => {
      const { urlOf } = await serve();
      const failure = await failureOver(urlOf(WATCH), type, enveloped('{}', 1), { [header]: 'gzip' });
      expect(failure).toMatchObject({ code: 'unimplemented', reason: 'COMPRESSION_UNSUPPORTED' });
      expect(failure.message).toContain('(gzip): send it uncompressed');
    },
  );

  it('is said of one that is too large, by the length in its envelope', async () => {
    const { urlOf } = await serve();
    const failure = await failureOver(urlOf(WATCH), type, Buffer.from([0, 0x7f, 0, 0, 0]));
    expect(failure).toMatchObject({ code: 'resource_exhausted', reason: 'MESSAGE_TOO_LARGE' });
  });
});
