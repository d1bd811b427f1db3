import type { Clock } from '../ports/clock.js';
import type { Api, ApiMethod } from './api.js';
import type { IncomingCall } from './call.js';
import { ReeveError } from './errors.js';

/** A call that has ended. */
export interface EndedCall {
  /** `reeve.v1.CoordinatorService/SubmitTask` */
  readonly method: string;
  readonly kind: 'unary' | 'server_streaming';
  /** `OK`, the code of the error, or `CANCELLED` if the caller went or its time was up. */
  readonly code: string;
  readonly durationMs: number;
}

/**
 * The same services, each call told of when it has ended, whichever door it came through.
 * What no method got to see, such as a malformed request, is not told of; nor is Work, which
 * is a session and no call.
 */
export function observeCalls(
  api: Api,
  clock: Pick<Clock, 'monotonic'>,
  observe: (call: EndedCall) => void,
): Api {
  return { ...api, methods: api.methods.map((method) => observed(method, clock, observe)) };
}

function observed(
  method: ApiMethod,
  clock: Pick<Clock, 'monotonic'>,
  observe: (call: EndedCall) => void,
): ApiMethod {
  if (method.kind === 'work') return method;
  const { kind, desc } = method;
  const name = `${desc.parent.typeName}/${desc.name}`;
  const tell = (began: number, code: string) =>
    observe({ method: name, kind, code, durationMs: clock.monotonic() - began });

  if (method.kind === 'unary') {
    return {
      ...method,
      async invoke(request, call) {
        const began = clock.monotonic();
        let code = 'OK';
        try {
          return await method.invoke(request, call);
        } catch (error) {
          code = codeOf(error);
          throw error;
        } finally {
          tell(began, codeAtEnd(code, call));
        }
      },
    };
  }
  return {
    ...method,
    async *invoke(request, call) {
      const began = clock.monotonic();
      let code = 'OK';
      try {
        yield* method.invoke(request, call);
      } catch (error) {
        code = codeOf(error);
        throw error;
      } finally {
        tell(began, codeAtEnd(code, call));
      }
    },
  };
}

function codeOf(error: unknown): string {
  return error instanceof ReeveError ? error.code : 'INTERNAL';
}

function codeAtEnd(code: string, { isGone }: IncomingCall): string {
  return isGone ? 'CANCELLED' : code;
}
