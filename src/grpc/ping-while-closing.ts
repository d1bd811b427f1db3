import type { ServerHttp2Session } from 'node:http2';

type Answer = (error: Error | null, durationMs: number, payload: Buffer<ArrayBuffer>) => void;

/**
 * Lets a connection that takes no more calls be asked for a sign of life until its last call has
 * ended. Node sends no pings then, and grpc-js takes that for a dead peer and cuts the calls.
 * Settings are sent to the end, and whoever is there has to acknowledge them.
 */
export function pingWhileClosing(session: ServerHttp2Session): void {
  const ping = session.ping.bind(session);
  session.ping = (...args: [Answer] | [payload: NodeJS.ArrayBufferView, Answer]) => {
    if (args.length === 2) return ping(...args);
    const [answer] = args;
    if (session.destroyed || !session.closed) return ping(answer);
    session.settings({}, (error, _settings, durationMs) => answer(error, durationMs, Buffer.alloc(0)));
    return true;
  };
}
