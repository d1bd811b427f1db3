import type { DescMethod, DescService, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import type { Principal } from '../domain/access/principal.js';

/** What came with a call besides its messages. */
export interface CallMetadata {
  /** The first value under a lower-case name. */
  get(name: string): string | undefined;
  /** Where the caller is, for the log. */
  readonly peer: string;
}

/** A call as a carrier hands it in. */
export interface IncomingCall {
  readonly metadata: CallMetadata;
  /** Aborts when the caller is gone or its time is up. */
  readonly signal: AbortSignal;
  /** Whether it has: to ask for that costs less than the signal. */
  readonly isGone: boolean;
  /** Whether payloads are JSON in answers unless the request says otherwise. */
  readonly jsonPayloads: boolean;
}

/** Turns what came with a call into who makes it. Throws UNAUTHENTICATED or INVALID_ARGUMENT. */
export type Authenticate = (metadata: CallMetadata) => Principal;

/** What a method knows of the call it answers. */
export interface Call {
  readonly signal: AbortSignal;
  readonly jsonPayloads: boolean;
}

type Handler<M extends DescMethod> = M['methodKind'] extends 'unary'
  ? (
      principal: Principal,
      request: MessageShape<M['input']>,
      call: Call,
    ) => Promise<MessageInitShape<M['output']>>
  : M['methodKind'] extends 'server_streaming'
    ? (
        principal: Principal,
        request: MessageShape<M['input']>,
        call: Call,
      ) => AsyncIterable<MessageInitShape<M['output']>>
    : never;

/** A service as functions, one a method; streams from the client are not among them. */
export type Handlers<Service extends DescService> = {
  readonly [Name in keyof Service['method'] as Service['method'][Name]['methodKind'] extends
    | 'unary'
    | 'server_streaming'
    ? Name
    : never]: Handler<Service['method'][Name]>;
};
