import { onTestFinished } from 'vitest';
import { type GrpcLimits, startGrpcServer } from '../../src/grpc/server.js';
import { connect } from '../api/support/grpc-client.js';
import { setup } from '../api/support/world.js';

type Options = Parameters<typeof setup>[0] & { readonly limits?: Partial<GrpcLimits> };

/** A gRPC server over the world of `setup`, and a client of it, until the test is over. */
export async function serve({ limits = {}, ...options }: Options = {}) {
  const world = setup(options);
  const server = await startGrpcServer({
    api: world.api,
    host: '127.0.0.1',
    port: 0,
    reflection: true,
    limits,
  });
  onTestFinished(() => server.stop(0));
  const client = connect(server.address);
  onTestFinished(() => client.close());
  return { ...world, server, client };
}
