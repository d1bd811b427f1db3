import { type Claim, Outcome } from '@reeve/sdk/protocol';

/**
 * What the agent does with a task of the kind `wire.<play>`, or of another prefix:
 * - `quick` succeeds at once; `slow` after two confirmed renewals
 * - `flaky` fails its first attempt, `hopeless` its first claim for good
 * - `hang` takes it and is never heard of again, `hang-once` only on the first attempt
 * - `ignore-once` does not even accept the first claim, `decline-once` gives it back
 * - `stuck` renews until it is cancelled
 */
export const PLAYS = [
  'quick',
  'slow',
  'flaky',
  'hopeless',
  'hang',
  'hang-once',
  'ignore-once',
  'decline-once',
  'stuck',
] as const;
export type Play = (typeof PLAYS)[number];

/** The message that reports how a task went; a success has its epoch and its agent for output. */
export function resultsOf(
  claim: Claim,
  { resultId, outcome }: { readonly resultId: string; readonly outcome: Outcome },
  agentId: string,
  retryable: boolean,
) {
  const data = Buffer.from(JSON.stringify({ epoch: Number(claim.epoch), agentId }));
  const output = { content: { case: 'data' as const, value: data } };
  const error = { kind: 'Planned', message: 'as the play has it', retryable };
  const result = {
    outcome,
    ...(outcome === Outcome.SUCCEEDED && { output }),
    ...(outcome === Outcome.FAILED && { error }),
  };
  return { case: 'results' as const, value: { results: [{ claim, resultId, result }] } };
}
