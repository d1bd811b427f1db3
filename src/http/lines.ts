import { Code } from '@connectrpc/connect';
import {
  type EnvelopedMessage,
  transformSplitEnvelope,
  type UniversalServerResponse,
} from '@connectrpc/connect/protocol';
import { codeFromString, codeToHttpStatus } from '@connectrpc/connect/protocol-connect';

/** One JSON message a line. */
const LINES_TYPE = 'application/x-ndjson';
/** In the Connect protocol, of the last envelope, which tells how the stream ended. */
const END = 2;
const NO_LIMIT = 0xffff_ffff;

/**
 * A stream of the Connect protocol in JSON as lines, for whom its envelopes are in the way. The
 * first message is waited for: what failed until then is answered with the status of HTTP and the
 * body of a unary call that fails. What fails later is a last line, `{"error":{…}}`.
 */
export async function asLines(response: UniversalServerResponse): Promise<UniversalServerResponse> {
  const { body } = response;
  if (!body) return response;
  const header = new Headers(response.header);
  const messages = transformSplitEnvelope(NO_LIMIT)(body)[Symbol.asyncIterator]();
  const first = await messages.next();
  header.delete('connect-accept-encoding');
  header.delete('connect-content-encoding');
  const error = first.done ? undefined : errorIn(first.value);
  if (error) {
    await messages.return?.();
    header.set('content-type', 'application/json');
    const status = codeToHttpStatus(codeFromString(error.code ?? '') ?? Code.Unknown);
    return { ...response, status, header, body: one(lineOf(error)) };
  }
  header.set('content-type', LINES_TYPE);
  return { ...response, header, body: lines(first, messages) };
}

interface EndError {
  readonly code?: string;
}

/** What a stream failed with, if this is its end and it has. */
function errorIn({ flags, data }: EnvelopedMessage): EndError | undefined {
  if ((flags & END) === 0) return undefined;
  return (JSON.parse(Buffer.from(data).toString()) as { error?: EndError }).error;
}

async function* lines(
  first: IteratorResult<EnvelopedMessage>,
  messages: AsyncIterator<EnvelopedMessage>,
): AsyncGenerator<Uint8Array> {
  try {
    for (let next = first; !next.done; next = await messages.next()) {
      const { flags, data } = next.value;
      if ((flags & END) === 0) yield Buffer.concat([data, NEW_LINE]);
      else {
        const error = errorIn(next.value);
        if (error) yield lineOf({ error });
      }
    }
  } finally {
    await messages.return?.();
  }
}

const NEW_LINE = Buffer.from('\n');

function lineOf(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

async function* one(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  yield chunk;
}
