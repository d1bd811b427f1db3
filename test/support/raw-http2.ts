import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import {
  create,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
  toBinary,
} from '@bufbuild/protobuf';
import { onTestFinished } from 'vitest';

/** A bare HTTP/2 connection that speaks gRPC, until the test is over. */
export function openHttp2(address: string) {
  const session: ClientHttp2Session = connect(`http://${address}`);
  onTestFinished(() => session.destroy());
  session.on('error', () => {});
  const closed = new Promise<void>((resolve) => session.once('close', () => resolve()));
  const goneAway = new Promise<number>((resolve) => session.once('goaway', (code) => resolve(code)));

  /** Begins a call; its request is there with it. */
  function begin<I extends DescMessage>(
    method: DescMethod & { input: I },
    request: MessageInitShape<I>,
    headers: Readonly<Record<string, string>> = {},
  ): ClientHttp2Stream {
    const stream = session.request({
      ':method': 'POST',
      ':path': `/${method.parent.typeName}/${method.name}`,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    stream.on('error', () => {});
    stream.end(framed(Buffer.from(toBinary(method.input, create(method.input, request)))));
    return stream;
  }

  /** The `grpc-status` of a call; empty if the stream ended without one. */
  function statusOf(stream: ClientHttp2Stream): Promise<string> {
    return new Promise((resolve) => {
      let status = '';
      const note = (headers: Record<string, unknown>) => {
        status ||= String(headers['grpc-status'] ?? '');
      };
      stream.on('response', note);
      stream.on('trailers', note);
      stream.on('close', () => resolve(status));
      stream.resume();
    });
  }

  return { session, closed, goneAway, begin, statusOf };
}

/** A message as gRPC puts it on the wire: not compressed, its length, its bytes. */
export function framed(bytes: Buffer, compressed = false): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(compressed ? 1 : 0, 0);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}
