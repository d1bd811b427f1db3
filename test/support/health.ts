import { credentials, type Deadline, makeGenericClientConstructor, type ServiceError } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';

interface HealthClient {
  check(
    request: { service: string },
    options: { deadline: Deadline },
    done: (error: ServiceError | null, response: { status: string }) => void,
  ): void;
  close(): void;
}

const Client = makeGenericClientConstructor(service, 'Health');

/** What `grpc.health.v1.Health/Check` says of a service, of the whole server by default. */
export async function healthOf(address: string, of = ''): Promise<string> {
  const client = new Client(address, credentials.createInsecure()) as unknown as HealthClient;
  try {
    return await new Promise((resolve, reject) => {
      client.check({ service: of }, { deadline: Date.now() + 10_000 }, (error, response) =>
        error ? reject(error) : resolve(response.status),
      );
    });
  } finally {
    client.close();
  }
}
