import type { ServerWritableStream, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';

/** The health service: one answer for the server as a whole and for each of its services. */
export interface Health {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
  setServing(serving: boolean): void;
  /** Ends the watches of it, which have no end of their own. */
  close(): void;
}

/** Not serving at first. */
export function createHealth(services: readonly string[]): Health {
  const health = new HealthImplementation();
  const watches = new Set<ServerWritableStream<unknown, unknown>>();
  const registered: { definition: ServiceDefinition; implementation: UntypedServiceImplementation }[] = [];
  health.addToServer({
    addService: (definition: ServiceDefinition, implementation: UntypedServiceImplementation) => {
      registered.push({ definition, implementation });
    },
  } as Parameters<typeof health.addToServer>[0]);
  const [service] = registered;
  if (!service) throw new Error('grpc-health-check has no service');

  const { watch } = service.implementation;
  const setServing = (serving: boolean) => {
    for (const name of ['', ...services]) health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING');
  };
  setServing(false);
  return {
    definition: service.definition,
    implementation: {
      ...service.implementation,
      watch: (call: ServerWritableStream<unknown, unknown>) => {
        watches.add(call);
        call.on('cancelled', () => watches.delete(call));
        (watch as (call: unknown) => void)(call);
      },
    },
    setServing,
    close: () => {
      for (const call of watches) call.end();
    },
  };
}
