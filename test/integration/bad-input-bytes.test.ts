import { gzipSync } from 'node:zlib';
import { CoordinatorService } from '@reeve/sdk/protocol';
import { expect, it } from 'vitest';
import { serve } from '../support/grpc-world.js';
import { framed, openHttp2 } from '../support/raw-http2.js';

const INVALID_ARGUMENT = '3';
const RESOURCE_EXHAUSTED = '8';

/** The status of SubmitTask over gRPC with these bytes as its message. */
async function submitted(address: string, bytes: Buffer, encoding?: string): Promise<string> {
  const { session, statusOf } = openHttp2(address);
  const { parent, name } = CoordinatorService.method.submitTask;
  const stream = session.request({
    ':method': 'POST',
    ':path': `/${parent.typeName}/${name}`,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...(encoding && { 'grpc-encoding': encoding }),
  });
  stream.on('error', () => {});
  stream.end(framed(bytes, encoding !== undefined));
  return statusOf(stream);
}

it('a small message that unpacks to a large one is refused', async () => {
  const { server, tasks } = await serve();
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  expect(bomb.length).toBeLessThan(100_000);
  expect(await submitted(server.address, bomb, 'gzip')).toBe(RESOURCE_EXHAUSTED);
  expect(tasks.size).toBe(0);
});

it('bytes that are no message are refused, whatever they look like', async () => {
  const { server, tasks } = await serve();
  // An unfinished field, a length beyond the end, a wrong wire type, groups without an end.
  for (const bytes of ['0a', '0affffffff0f', '0f', '0b0b0b0b', '0a0208ff']) {
    expect([bytes, await submitted(server.address, Buffer.from(bytes, 'hex'))]).toEqual([
      bytes,
      INVALID_ARGUMENT,
    ]);
  }
  expect(tasks.size).toBe(0);
});
