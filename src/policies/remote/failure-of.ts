import { type ServiceError, status } from '@grpc/grpc-js';
import { RemoteFailure, theirWords } from './remote-failure.js';

/** What grpc-js says of messages over the limits, which no server says in these words by accident. */
const OVER_LIMIT =
  /^(Received message (larger than max|that decompresses to a size larger)|Attempted to send message with a size larger)/;

/** What a call failed with, from what grpc-js has of it. */
export function failureOf({ code, details }: ServiceError): RemoteFailure {
  const words = theirWords(details) || 'without a word';
  switch (code) {
    case status.UNAVAILABLE:
      return new RemoteFailure('UNAVAILABLE', unreachable(details) ?? words);
    case status.DEADLINE_EXCEEDED:
      return new RemoteFailure('DEADLINE', 'there was no answer in time');
    case status.RESOURCE_EXHAUSTED:
      if (OVER_LIMIT.test(details)) return new RemoteFailure('TOO_LARGE', words);
      break;
  }
  return new RemoteFailure('ERROR', `${status[code] ?? code}: ${words}`);
}

/** The cause, from what grpc-js says if there is no connection. */
function unreachable(details: string): string | undefined {
  const cause = /^No connection established\. Last error: (?:Error: )?(.*?)\.? Resolution note:/s.exec(
    details,
  )?.[1];
  return cause === undefined ? undefined : `it cannot be reached: ${theirWords(cause)}`;
}
