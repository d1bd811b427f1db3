import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import type { Clock } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import type { AddressRules } from './address-rules.js';
import { Breaker } from './breaker.js';
import { Line } from './line.js';
import { RemoteFailure } from './remote-failure.js';
import { Turnstile } from './turnstile.js';

/** Where a service listens, and whose it is. */
export interface RemoteTarget {
  readonly org: string;
  /** `host:port`. */
  readonly address: string;
  /** Without TLS, where the server's settings allow it. */
  readonly plaintext: boolean;
}

export interface LinesOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly rules: AddressRules;
  /** Certificates to trust in PEM, in place of those that Node trusts. */
  readonly trustedCertificates?: Buffer;
  readonly maxAnswerBytes: number;
}

/** Calls that one service has at once. */
const CALLS_AT_ONCE = 32;
const MAX_LINES_PER_ORG = 16;
const MAX_LINES = 256;

/** Lines that are kept: bounded, and no organisation has another's. */
export class Lines {
  readonly #options: LinesOptions;
  readonly #tls: ChannelCredentials;
  readonly #plain = credentials.createInsecure();
  /** Least recently used first. */
  readonly #lines = new Map<string, { readonly org: string; readonly line: Line }>();

  constructor(options: LinesOptions) {
    this.#options = options;
    this.#tls = credentials.createSsl(options.trustedCertificates ?? null);
  }

  /** @throws RemoteFailure if the address may not be used, or too many others are in use */
  to({ org, address, plaintext }: RemoteTarget): Line {
    const key = JSON.stringify([org, address, plaintext]);
    const known = this.#lines.get(key);
    if (known) {
      this.#lines.delete(key);
      this.#lines.set(key, known);
      return known.line;
    }
    const { clock, log, rules, maxAnswerBytes } = this.#options;
    const place = rules.parse(address, plaintext);
    this.#makeRoom(org);
    const onChange = (isOpen: boolean) => {
      if (isOpen)
        log.warn({ org, address }, 'a service of an organisation does not answer; it is asked rarely');
      else log.info({ org, address }, 'a service of an organisation answers again');
    };
    const line = new Line(place, {
      clock,
      rules,
      credentials: plaintext ? this.#plain : this.#tls,
      maxAnswerBytes,
      breaker: new Breaker({ clock, onChange }),
      turnstile: new Turnstile(clock, CALLS_AT_ONCE),
    });
    this.#lines.set(key, { org, line });
    return line;
  }

  /** Of those that are kept: services that are spared for now. */
  get openBreakers(): number {
    let open = 0;
    for (const { line } of this.#lines.values()) if (line.breaker.isOpen) open++;
    return open;
  }

  close(): void {
    for (const { line } of this.#lines.values()) line.close();
    this.#lines.clear();
  }

  #makeRoom(org: string): void {
    const own = [...this.#lines].filter(([, kept]) => kept.org === org);
    if (own.length >= MAX_LINES_PER_ORG) this.#closeOne(own);
    else if (this.#lines.size >= MAX_LINES) this.#closeOne([...this.#lines]);
  }

  #closeOne(among: readonly (readonly [string, { readonly line: Line }])[]): void {
    const idle = among.find(([, { line }]) => line.turnstile.isIdle);
    if (!idle) throw new RemoteFailure('UNAVAILABLE', 'too many services are being asked at once');
    const [key, { line }] = idle;
    line.close();
    this.#lines.delete(key);
  }
}
