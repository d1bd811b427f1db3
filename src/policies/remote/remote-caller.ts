import type { DescMethodUnary, MessageInitShape } from '@bufbuild/protobuf';
import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { type Client, type ClientUnaryCall, Metadata } from '@grpc/grpc-js';
import type { Clock } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import { AddressRefused, type AddressRuleOptions, createAddressRules } from './address-rules.js';
import { failureOf } from './failure-of.js';
import type { Line } from './line.js';
import { Lines, type RemoteTarget } from './lines.js';
import { boundLookup, systemLookup } from './lookup.js';
import { RemoteFailure } from './remote-failure.js';

export interface RemoteCallerOptions extends Omit<AddressRuleOptions, 'lookup'> {
  readonly clock: Clock;
  readonly log: Log;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Default: the machine's, as programs there have it. */
  readonly lookup?: AddressRuleOptions['lookup'];
  /** Certificates to trust in PEM. Default: those that Node trusts, `NODE_EXTRA_CA_CERTS` included. */
  readonly trustedCertificates?: Buffer;
  /** The largest answer. Default 64 KiB. */
  readonly maxAnswerBytes?: number;
  /** How long a call waits for its turn, in ms. Default 10 s. */
  readonly turnWaitMs?: number;
}

/**
 * Calls services that organisations serve themselves: only where the address rules allow, over kept channels,
 * and never for longer than asked.
 */
export interface RemoteCaller {
  /**
   * Calls until it is answered, with repeats on UNAVAILABLE only, so the method must be one that may be
   * repeated. While the service's breaker is open, it fails at once. At most 32 calls a service are under way;
   * others wait their turn, at most `turnWaitMs`, which is not part of the deadline.
   *
   * @param deadlineMs of all tries together
   * @throws RemoteFailure and nothing else
   */
  call<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    target: RemoteTarget,
    request: MessageInitShape<I>,
    deadlineMs: number,
  ): Promise<MessageShape<O>>;
  /** Why an address may not be used, as far as that shows now; `null`: it may. Nothing is connected to. */
  objectionTo(address: string, plaintext: boolean): Promise<string | null>;
  /** Services that have failed repeatedly and are asked rarely. */
  openBreakers(): number;
  /** Ends its connections; calls under way fail with UNAVAILABLE. */
  stop(): void;
}

const MAX_ANSWER_BYTES = 64 * 1024;
const TURN_WAIT_MS = 10_000;
const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 1_000;
/** How long a look at an address may take for {@link RemoteCaller.objectionTo}, in ms. */
const OBJECTION_MS = 2_000;

export function createRemoteCaller(options: RemoteCallerOptions): RemoteCaller {
  const { clock, log, random, turnWaitMs = TURN_WAIT_MS } = options;
  const lookup = boundLookup(clock, options.lookup ?? systemLookup);
  const rules = createAddressRules({ ...options, lookup });
  const lines = new Lines({
    clock,
    log,
    rules,
    maxAnswerBytes: options.maxAnswerBytes ?? MAX_ANSWER_BYTES,
    ...(options.trustedCertificates && { trustedCertificates: options.trustedCertificates }),
  });
  const underWay = new Set<ClientUnaryCall>();
  let isStopped = false;

  return {
    async call(method, target, request, deadlineMs) {
      if (isStopped) throw stopped();
      const line = lines.to(target);
      if (line.breaker.waitMs() > 0) throw spared(line);
      if (!(await line.turnstile.enter(turnWaitMs))) {
        throw new RemoteFailure('UNAVAILABLE', `no turn within ${turnWaitMs} ms: the service is too slow`);
      }
      try {
        const bytes = toBytes(method.input, request);
        return fromBytes(method.output, await guarded(line, method, bytes, deadlineMs));
      } finally {
        line.turnstile.leave();
      }
    },

    async objectionTo(address, plaintext) {
      try {
        const { host } = rules.parse(address, plaintext);
        await within(rules.resolve(host), OBJECTION_MS);
        return null;
      } catch (error) {
        return error instanceof AddressRefused ? error.message : null;
      }
    },

    openBreakers: () => lines.openBreakers,

    stop() {
      isStopped = true;
      for (const call of underWay) call.cancel();
      lines.close();
    },
  };

  async function guarded(
    line: Line,
    method: DescMethodUnary,
    bytes: Buffer,
    deadlineMs: number,
  ): Promise<Buffer> {
    const pass = line.breaker.enter();
    if (pass === null) throw spared(line);
    try {
      const answer = await repeated(line, method, bytes, clock.monotonic() + deadlineMs);
      line.breaker.answered(pass);
      return answer;
    } catch (error) {
      const failure = error instanceof RemoteFailure ? error : new RemoteFailure('ERROR', String(error));
      if (isStopped) line.breaker.abandoned(pass);
      else if (failure.kind === 'UNAVAILABLE' || failure.kind === 'DEADLINE') line.breaker.failed(pass);
      else line.breaker.answered(pass);
      throw failure;
    }
  }

  /** Tries until `until`, on the monotonic clock. What the try before failed with says more than the deadline. */
  async function repeated(
    line: Line,
    method: DescMethodUnary,
    bytes: Buffer,
    until: number,
  ): Promise<Buffer> {
    let before: RemoteFailure | null = null;
    for (let tries = 0; ; tries++) {
      let client: Client | undefined;
      try {
        client = await within(line.open(), until - clock.monotonic());
        return await once(client, method, bytes, until - clock.monotonic());
      } catch (error) {
        if (isStopped) throw stopped();
        if (!(error instanceof RemoteFailure)) throw error;
        if (client && (error.kind === 'DEADLINE' || error.kind === 'UNAVAILABLE')) line.turn(client);
        if (error.kind === 'DEADLINE' && before) throw before;
        if (error.kind !== 'UNAVAILABLE' || error instanceof AddressRefused) throw error;
        before = error;
        const backoff = Math.min(FIRST_BACKOFF_MS * 2 ** tries, MAX_BACKOFF_MS) * (0.5 + random() / 2);
        if (clock.monotonic() + backoff >= until) throw error;
        await new Promise<void>((resolve) => clock.after(backoff, resolve));
      }
    }
  }

  function once(client: Client, method: DescMethodUnary, bytes: Buffer, leftMs: number): Promise<Buffer> {
    const path = `/${method.parent.typeName}/${method.name}`;
    return new Promise((resolve, reject) => {
      if (isStopped) return reject(stopped());
      try {
        const deadline = clock.now() + leftMs;
        const call = client.makeUnaryRequest(
          path,
          same,
          same,
          bytes,
          new Metadata(),
          { deadline },
          (error, answer) => {
            underWay.delete(call);
            if (error) reject(failureOf(error));
            else resolve(answer ?? Buffer.alloc(0));
          },
        );
        underWay.add(call);
      } catch {
        reject(new RemoteFailure('UNAVAILABLE', 'the connection was closed just now'));
      }
    });
  }

  async function within<T>(work: Promise<T>, ms: number): Promise<T> {
    let cancel = (): void => undefined;
    const late = new Promise<never>((_resolve, reject) => {
      cancel = clock.after(ms, () =>
        reject(new RemoteFailure('DEADLINE', 'the name was not resolved in time')),
      );
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      cancel();
    }
  }
}

function same(bytes: Buffer): Buffer {
  return bytes;
}

function toBytes<I extends DescMessage>(input: I, request: MessageInitShape<I>): Buffer {
  return Buffer.from(toBinary(input, create(input, request)));
}

function fromBytes<O extends DescMessage>(output: O, bytes: Buffer): MessageShape<O> {
  try {
    return fromBinary(output, bytes);
  } catch {
    throw new RemoteFailure('WRONG_RESULT', `what the service answered is no ${output.typeName}`);
  }
}

function spared({ breaker }: Line): RemoteFailure {
  const wait = Math.ceil(breaker.waitMs());
  const when = wait > 0 ? `for another ${wait} ms` : 'while one call finds out whether it is back';
  return new RemoteFailure('UNAVAILABLE', `the service failed repeatedly and is not asked ${when}`);
}

function stopped(): RemoteFailure {
  return new RemoteFailure('UNAVAILABLE', 'the server is shutting down');
}
