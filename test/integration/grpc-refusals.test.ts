import { connect as connectHttp2 } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { AgentService, CoordinatorService } from '@reeve/sdk/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { detailsOf, failureOf } from '../api/support/grpc-client.js';
import { serve } from '../support/grpc-world.js';

const coordinator = CoordinatorService.method;
const agents = AgentService.method;

describe('what is refused before it is a call', () => {
  it('answers garbage, unknown methods and unknown services', async () => {
    const { client } = await serve();
    const raw = (path: string, bytes: Buffer) => failureOf(client.callRaw(path, bytes, (b) => b));
    const garbage = await raw('/reeve.v1.CoordinatorService/SubmitTask', Buffer.from('ffffffff', 'hex'));
    expect(garbage.code).toBe(status.INVALID_ARGUMENT);
    expect(detailsOf(garbage).info?.reason).toBe('MALFORMED_MESSAGE');
    // Field 1 of GetTaskRequest, a string of one byte that is not UTF-8.
    const notText = await raw('/reeve.v1.CoordinatorService/GetTask', Buffer.from([0x0a, 0x01, 0xff]));
    expect(notText.code).toBe(status.INVALID_ARGUMENT);
    expect(notText.details).toBe('task_id: is not UTF-8');
    expect((await raw('/reeve.v1.CoordinatorService/Nothing', Buffer.alloc(0))).code).toBe(
      status.UNIMPLEMENTED,
    );
    expect((await raw('/reeve.v1.Nobody/Nothing', Buffer.alloc(0))).code).toBe(status.UNIMPLEMENTED);
  });

  it('refuses messages and metadata that are too large', async () => {
    const { client } = await serve();
    const value = new Uint8Array(5 * 1024 * 1024);
    const huge = client.call(coordinator.submitTask, {
      task: { kind: 'a', input: { content: { case: 'data', value } } },
    });
    expect((await failureOf(huge)).code).toBe(status.RESOURCE_EXHAUSTED);
    const chatty = await failureOf(client.call(agents.getServerInfo, {}, { chatter: 'x'.repeat(20_000) }));
    expect(chatty.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(chatty.details).toContain('metadata');
  });

  it('gives calls with an absurd deadline its own, and honours the others', async () => {
    const { server, put, client } = await serve({ limits: { unaryDeadlineMs: 1_000 } });
    const { taskId } = put();
    const own = await failureOf(client.call(coordinator.waitTask, { taskId }));
    expect(own.code).toBe(status.DEADLINE_EXCEEDED);

    const session = connectHttp2(`http://${server.address}`);
    onTestFinished(() => session.destroy());
    const answerTo = (timeout: string) =>
      new Promise<string>((resolve, reject) => {
        const stream = session.request({
          ':method': 'POST',
          ':path': '/reeve.v1.AgentService/GetServerInfo',
          'content-type': 'application/grpc',
          te: 'trailers',
          'grpc-timeout': timeout,
        });
        let code = '';
        stream.on('response', (headers) => (code ||= String(headers['grpc-status'] ?? '')));
        stream.on('trailers', (headers) => (code ||= String(headers['grpc-status'] ?? '')));
        stream.on('error', reject);
        stream.on('close', () => resolve(code));
        stream.resume();
        stream.end(Buffer.alloc(5));
      });
    for (const timeout of ['99999999H', '-1S', '0S', 'soon']) expect(await answerTo(timeout)).toBe('0');
  });
});
