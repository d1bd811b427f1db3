import type { DescMethod, DescService } from '@bufbuild/protobuf';
import * as protocol from '@reeve/sdk/protocol';

/** Services that others serve, and the coordinator calls. */
const OF_OTHERS = [
  'reeve.v1.ContextProviderService',
  'reeve.v1.PolicyService',
  'reeve.v1.RoleDirectoryService',
];

/** Every method of `reeve.v1` that the coordinator serves. */
export const METHODS: readonly DescMethod[] = Object.values(protocol as Record<string, unknown>)
  .filter(isService)
  .filter(({ typeName }) => typeName.startsWith('reeve.v1.') && !OF_OTHERS.includes(typeName))
  .flatMap(({ methods }) => methods);

/** Those that are one request, whatever the answer. */
export const CALLS = METHODS.filter(
  ({ methodKind }) => methodKind === 'unary' || methodKind === 'server_streaming',
);

/** The one that is a stream in both directions. */
export const STREAMS = METHODS.filter((method) => !CALLS.includes(method));

export function nameOf(method: DescMethod): string {
  return `${method.parent.name}.${method.name}`;
}

function isService(value: unknown): value is DescService {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'service';
}
