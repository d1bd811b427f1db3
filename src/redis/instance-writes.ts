import type { AgentIntent, LoadReport } from '../domain/agents/agent.js';
import type { Instance } from '../ports/ready-index.js';
import type { RedisIndexOptions } from './index-options.js';
import type { OrgIndex } from './org-index.js';
import type { OrgIndexes } from './org-indexes.js';

/** What the index is told of connected processes of agents, those of this coordinator. */
export class InstanceWrites {
  readonly #orgs: Pick<OrgIndexes, 'of'>;
  readonly #options: Pick<RedisIndexOptions, 'clock' | 'reportsLastMs'>;
  /** The organisation of each session. */
  readonly #sessions = new Map<string, string>();

  constructor(orgs: Pick<OrgIndexes, 'of'>, options: Pick<RedisIndexOptions, 'clock' | 'reportsLastMs'>) {
    this.#orgs = orgs;
    this.#options = options;
  }

  async put(instance: Instance): Promise<void> {
    const { org, sessionId, held } = instance;
    this.#sessions.set(sessionId, org);
    const index = this.#orgs.of(org);
    const since = this.#options.clock.now();
    index.sessions.put(instance, since);
    await index.write([
      {
        op: 'put',
        sid: sessionId,
        what: index.sessions.whatOf(instance, since),
        slots: instance.slots,
        granted: 0,
        assigned: 0,
        withdrawn: 0,
        request: '',
        held: held.map(({ taskId, epoch }) => [taskId, epoch] as const),
      },
    ]);
  }

  async drop(sessionId: string): Promise<void> {
    const index = this.#ofSession(sessionId);
    if (!index) return;
    this.#sessions.delete(sessionId);
    index.sessions.drop(sessionId);
    await index.write([{ op: 'drop', sid: sessionId }]);
  }

  async grant(sessionId: string, grantedTotal: number, requestId: string | null = null): Promise<void> {
    await this.#ofSession(sessionId)?.grant(sessionId, grantedTotal, requestId ?? '');
  }

  async withdraw(sessionId: string): Promise<number> {
    const index = this.#ofSession(sessionId);
    if (!index) return 0;
    index.sessions.withdraw(sessionId);
    const [reserved] = await index.askOrWrite({ op: 'withdraw', sid: sessionId }).catch(() => [0]);
    return Number(reserved);
  }

  async setEligibility(org: string, agentId: string, health: number, intent: AgentIntent): Promise<void> {
    await this.#orgs
      .of(org)
      .write([{ op: 'condition', agent: agentId, what: JSON.stringify({ health, intent }) }]);
  }

  async reportLoad(org: string, agentId: string, load: LoadReport): Promise<void> {
    const lasts = this.#options.reportsLastMs;
    await this.#orgs.of(org).write([{ op: 'report', agent: agentId, what: JSON.stringify(load), lasts }]);
  }

  #ofSession(sessionId: string): OrgIndex | undefined {
    const org = this.#sessions.get(sessionId);
    return org === undefined ? undefined : this.#orgs.of(org);
  }
}
