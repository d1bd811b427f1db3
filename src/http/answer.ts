import type { ServerResponse } from 'node:http';
import { errorToJson } from '@connectrpc/connect/protocol-connect';
import type { Status } from '@reeve/sdk/protocol';
import { connectErrorOf } from './connect-error.js';

/** Answers with JSON, whole. */
export function answerJson(
  res: ServerResponse,
  httpStatus: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  answerText(res, httpStatus, `${JSON.stringify(body)}\n`, {
    'content-type': 'application/json',
    ...headers,
  });
}

export function answerText(
  res: ServerResponse,
  httpStatus: number,
  text: string,
  headers: Readonly<Record<string, string>>,
): void {
  const bytes = Buffer.from(text);
  res.writeHead(httpStatus, { ...headers, 'content-length': bytes.length });
  res.end(bytes);
}

/**
 * Refuses a request that came to no method, in the form in which methods fail: Connect
 * clients read it, and so do people.
 *
 * @param more further keys of the body
 */
export function refuse(
  res: ServerResponse,
  httpStatus: number,
  status: Status,
  more: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = errorToJson(connectErrorOf(status), undefined) as object;
  answerJson(res, httpStatus, { ...body, ...more }, headers);
}
