import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { Allowance, type Rate } from './allowance.js';
import { pingWhileClosing } from './ping-while-closing.js';

/** What a client may do to a connection that costs it next to nothing. */
export interface ConnectionRules {
  /** Pings, each of which has to be answered. */
  readonly pings: Rate;
  /** Calls that it begins and resets. */
  readonly resets: Rate;
}

type SessionHandler = (session: ServerHttp2Session) => void;

/**
 * Ends connections that go beyond the rules, and keeps the calls of those that are closing.
 * grpc-js counts neither, Node counts resets but leaves the connection hanging, and grpc-js has
 * no public place for it. Must be called before
 * the server gets its first connection.
 *
 * @param server a grpc-js Server without channelz
 */
export function guardConnections(server: object, rules: ConnectionRules): void {
  const internals = server as { _sessionHandler?: (http2Server: unknown) => SessionHandler };
  const handlerFor = internals._sessionHandler;
  if (typeof handlerFor !== 'function') throw new Error('this version of grpc-js handles sessions elsewhere');
  internals._sessionHandler = function guarded(http2Server) {
    const handle = handlerFor.call(server, http2Server);
    return (session) => {
      watch(session, rules);
      pingWhileClosing(session);
      handle(session);
    };
  };
}

function watch(session: ServerHttp2Session, rules: ConnectionRules): void {
  const pings = new Allowance(rules.pings, () => performance.now());
  const resets = new Allowance(rules.resets, () => performance.now());
  let over = false;
  const countFor = (allowance: Allowance, why: string) => () => {
    if (over || allowance.take()) return;
    over = true;
    // Not within the event: Node aborts the process when a session goes while it is being read.
    setImmediate(() => {
      if (session.destroyed) return;
      session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from(why));
      session.destroy();
    });
  };
  const onReset = countFor(resets, 'too_many_resets');
  session.on('ping', countFor(pings, 'too_many_pings'));
  session.on('stream', (stream: ServerHttp2Stream) => {
    stream.once('close', () => {
      if (stream.rstCode === constants.NGHTTP2_CANCEL) onReset();
    });
  });
}
