import { ConfigService } from '../gen/reeve/v1/config_service_pb.js';
import type { GrpcClient } from '../transport/grpc-client.js';
import { type ParameterInfo, type ParameterUpdate, parameterInfo } from './parameter-info.js';
import { linked, reopening } from './reopening.js';

/** See `ConfigClient.watch`. */
export function watchConfig(
  grpc: GrpcClient,
  prefix: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<ParameterUpdate, void, undefined> {
  return linked(signal, (stop) => updates(grpc, prefix, stop));
}

async function* updates(
  grpc: GrpcClient,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<ParameterUpdate, void, undefined> {
  /** Those of the snapshot, until it is complete. */
  let known: ParameterInfo[] | null = [];
  const request = () => {
    known = [];
    return { prefix };
  };
  for await (const { event } of reopening(grpc, ConfigService.method.watchConfig, { request, signal })) {
    if (event.case === 'snapshotEnd') {
      if (known) yield { type: 'SNAPSHOT', parameters: known };
      known = null;
    } else if (event.case === 'parameter') {
      const parameter = parameterInfo(event.value);
      if (known) known.push(parameter);
      else yield { type: 'SET', parameter };
    } else if (event.case === 'deletedKey') {
      if (known) known = known.filter(({ key }) => key !== event.value);
      else yield { type: 'DELETED', key: event.value };
    }
  }
}
