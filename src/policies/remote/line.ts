import { isIPv6 } from 'node:net';
import { type ChannelCredentials, type ChannelOptions, Client } from '@grpc/grpc-js';
import type { Clock } from '../../ports/clock.js';
import { AddressRefused, type AddressRules } from './address-rules.js';
import type { Breaker } from './breaker.js';
import { formatHostPort, type HostPort } from './host-port.js';
import type { Turnstile } from './turnstile.js';

/** How long checked addresses of a name hold, in ms. */
const ADDRESSES_LAST_MS = 60_000;
/** A name may have many addresses; connecting to the first of them is enough. */
const MAX_ADDRESSES = 8;
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

const CHANNEL_OPTIONS: ChannelOptions = {
  // A proxy of the environment would look the name up again, beyond the rules.
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.enable_retries': 0,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_channelz': 0,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  'grpc.max_metadata_size': 16 * 1024,
  'grpc.max_send_message_length': MAX_REQUEST_BYTES,
};

export interface LineOptions {
  readonly clock: Clock;
  readonly rules: AddressRules;
  readonly credentials: ChannelCredentials;
  readonly maxAnswerBytes: number;
  readonly breaker: Breaker;
  readonly turnstile: Turnstile;
}

/** The connection to one service of one organisation, and what is known of it. */
export class Line {
  readonly breaker: Breaker;
  readonly turnstile: Turnstile;
  readonly #options: LineOptions;
  readonly #place: HostPort;
  #client: Client | null = null;
  /** By family, IPv4 first: grpc-js takes one family a channel. */
  #targets: readonly string[] = [];
  #family = 0;
  #checkedAt = 0;
  #opening: Promise<Client> | null = null;
  #isClosed = false;

  constructor(place: HostPort, options: LineOptions) {
    this.#place = place;
    this.#options = options;
    this.breaker = options.breaker;
    this.turnstile = options.turnstile;
  }

  /** A client of exactly the addresses that were checked, a minute ago at most. @throws RemoteFailure */
  async open(): Promise<Client> {
    const fresh = this.#options.clock.monotonic() - this.#checkedAt < ADDRESSES_LAST_MS;
    if (this.#client && fresh) return this.#client;
    this.#opening ??= this.#reopen().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  /** Nobody answers there: the next call goes to the other family of addresses, if there is one. */
  turn(from: Client): void {
    // Of many calls that fail together, one turns.
    if (this.#targets.length < 2 || from !== this.#client) return;
    this.#family = (this.#family + 1) % this.#targets.length;
    this.#drop();
  }

  close(): void {
    this.#isClosed = true;
    this.#drop();
  }

  async #reopen(): Promise<Client> {
    const { clock, rules } = this.#options;
    const now = clock.monotonic();
    let targets: readonly string[];
    try {
      targets = this.#targetsOf(await rules.resolve(this.#place.host));
    } catch (error) {
      if (error instanceof AddressRefused || !this.#client) {
        this.#drop();
        throw error;
      }
      // The name cannot be looked up now; where the connection goes was checked before.
      targets = this.#targets;
    }
    if (targets.join() !== this.#targets.join()) {
      this.#drop();
      this.#targets = targets;
      this.#family = 0;
    }
    this.#checkedAt = now;
    this.#client ??= this.#connect(this.#targets[this.#family] ?? '');
    const client = this.#client;
    if (this.#isClosed) this.#drop();
    return client;
  }

  #targetsOf(ips: readonly string[]): readonly string[] {
    const { port } = this.#place;
    const v6 = ips.filter(isIPv6);
    const v4 = ips.filter((ip) => !isIPv6(ip));
    const target = (scheme: string, of: readonly string[]) =>
      of.length === 0
        ? []
        : `${scheme}:${of
            .slice(0, MAX_ADDRESSES)
            .map((host) => formatHostPort({ host, port }))
            .join()}`;
    return [target('ipv4', v4), target('ipv6', v6)].flat();
  }

  #connect(target: string): Client {
    const { credentials, maxAnswerBytes } = this.#options;
    return new Client(target, credentials, {
      ...CHANNEL_OPTIONS,
      'grpc.max_receive_message_length': maxAnswerBytes,
      'grpc.default_authority': formatHostPort(this.#place),
      'grpc.ssl_target_name_override': this.#place.host,
    });
  }

  /** Calls that are under way on it end by themselves. */
  #drop(): void {
    this.#client?.close();
    this.#client = null;
  }
}
