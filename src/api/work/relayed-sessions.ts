import type { AgentSessions, CancelNotice, Delivery } from '../../ports/agent-sessions.js';
import type { AgentClaim, Relay } from '../../ports/relay.js';
import type { Sessions } from './sessions.js';

/** Claims that one message names at most. */
const AT_ONCE = 500;

/**
 * The sessions of all coordinators, as use cases see them: what concerns a lease that no session
 * here holds is told to the others, and whoever holds it acts. Best effort: a renewal tells the
 * agent the same, at most a renew interval later.
 */
export class RelayedSessions implements AgentSessions {
  readonly #own: Sessions;
  readonly #relay: Relay;

  constructor(own: Sessions, relay: Relay) {
    this.#own = own;
    this.#relay = relay;
    own.onGreeted((greeted) => relay.send('greeted', greeted));
    relay.on('greeted', (greeted) => own.supersede(greeted));
    relay.on('cancel', (notices) => own.cancel(notices));
    relay.on('revoke', (claims) => own.revoke(claims));
    relay.on('forget', (claims) => void own.forget(claims).catch(() => undefined));
    relay.on('go-away', ({ org, agentId, reason }) => own.goAway(org, agentId, reason));
  }

  /** Only to sessions here: whoever claims, holds the session. */
  deliver(deliveries: readonly Delivery[]): readonly Delivery[] {
    return this.#own.deliver(deliveries);
  }

  cancel(notices: readonly CancelNotice[]): void {
    for (const elsewhere of this.#notHere(notices)) this.#relay.send('cancel', elsewhere);
    this.#own.cancel(notices);
  }

  revoke(leases: readonly AgentClaim[]): void {
    for (const elsewhere of this.#notHere(leases)) this.#relay.send('revoke', elsewhere.map(claimOf));
    this.#own.revoke(leases);
  }

  /** Claims that their agent is done with, said in a call of their own. */
  async forget(claims: readonly AgentClaim[]): Promise<void> {
    for (const elsewhere of this.#notHere(claims)) this.#relay.send('forget', elsewhere.map(claimOf));
    await this.#own.forget(claims);
  }

  /** Processes of the agent may be anywhere. */
  goAway(org: string, agentId: string, reason: string): void {
    this.#own.goAway(org, agentId, reason);
    this.#relay.send('go-away', { org, agentId, reason });
  }

  *#notHere<C extends AgentClaim>(claims: readonly C[]): Generator<readonly C[]> {
    const elsewhere = claims.filter((claim) => !this.#own.holds(claim));
    for (let from = 0; from < elsewhere.length; from += AT_ONCE) yield elsewhere.slice(from, from + AT_ONCE);
  }
}

function claimOf({ org, agentId, taskId, epoch }: AgentClaim): AgentClaim {
  return { org, agentId, taskId, epoch };
}
