import { createRegistry } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { ConnectError } from '@connectrpc/connect';
import { file_google_rpc_error_details, type Status } from '@reeve/sdk/protocol';

const DETAILS = createRegistry(file_google_rpc_error_details);

/** A status in the form in which connect sends it, its details readable. */
export function connectErrorOf({ code, message, details }: Status): ConnectError {
  const outgoing = details.flatMap((any) => {
    const value = anyUnpack(any, DETAILS);
    const desc = value && DETAILS.getMessage(value.$typeName);
    return value && desc ? [{ desc, value }] : [];
  });
  // The numbers of google.rpc.Code are those of connect's.
  return new ConnectError(message, code as number, undefined, outgoing);
}
