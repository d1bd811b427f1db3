import { ReeveError } from '@reeve/sdk';

/** What a call is refused with. @throws Error if it is not */
export async function refusal(call: Promise<unknown>): Promise<ReeveError> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ReeveError)) throw new Error(`not refused: ${String(error)}`);
  return error;
}
