import { durationMs } from '@bufbuild/protobuf/wkt';
import { AgentService } from '../../gen/reeve/v1/agent_service_pb.js';
import { LeaseVerdict } from '../../gen/reeve/v1/claim_pb.js';
import { GrpcClient, type GrpcClientOptions } from '../../transport/grpc-client.js';
import type { CopiedLease } from './lease-table.js';

/** Whose leases, and where: what the agent dials too. */
export interface RenewerOptions {
  readonly agentId: string;
  readonly target: Omit<GrpcClientOptions, 'channel'>;
}

/** How a renewal went. `remainingMs` is missing if the lease is lost or its task to be cancelled. */
export interface Renewed {
  readonly lease: CopiedLease;
  readonly remainingMs: number | undefined;
}

const MAX_CLAIMS = 1_000;

/** Renews leases by the unary twin of the Work stream's message, on a channel of its own. */
export class Renewer {
  readonly #agentId: string;
  readonly #grpc: GrpcClient;

  constructor({ agentId, target }: RenewerOptions) {
    this.#agentId = agentId;
    this.#grpc = new GrpcClient({ ...target, channel: { 'grpc.use_local_subchannel_pool': 1 } });
  }

  /** Throws `ReeveError` if no answer comes in time. */
  async renew(leases: readonly CopiedLease[], timeoutMs: number): Promise<Renewed[]> {
    const batches: Promise<Renewed[]>[] = [];
    for (let i = 0; i < leases.length; i += MAX_CLAIMS) {
      batches.push(this.#renewBatch(leases.slice(i, i + MAX_CLAIMS), timeoutMs));
    }
    return (await Promise.all(batches)).flat();
  }

  close(): void {
    this.#grpc.close();
  }

  async #renewBatch(leases: readonly CopiedLease[], timeoutMs: number): Promise<Renewed[]> {
    const claims = leases.map(({ taskId, epoch }) => ({ taskId, epoch }));
    const request = { agentId: this.#agentId, claims };
    const options = { deadline: Date.now() + timeoutMs, repeatable: true };
    const { updates } = await this.#grpc.call(AgentService.method.renewLeases, request, options);
    return leases.map((lease, i) => {
      const update = updates[i];
      const kept = update?.verdict === LeaseVerdict.KEEP && update.remaining;
      return { lease, remainingMs: kept ? durationMs(kept) : undefined };
    });
  }
}
