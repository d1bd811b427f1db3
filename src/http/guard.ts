import type { IncomingMessage } from 'node:http';
import { cors } from '@connectrpc/connect';
import { ReeveError } from '../api/errors.js';
import { type HostRules, hostNameOf, isAllowedHost } from './hosts.js';

export interface GuardRules extends HostRules {
  /** Origins besides the server's own whose pages may call, for example `https://app.example`. */
  readonly origins: readonly string[];
}

/** What has to be answered along with a request that may pass. */
export interface Passed {
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Looks at where a request comes from before anything else does. Programs name no origin and
 * pass. A browser names the page's: that is the server's own, or one of those allowed, or refused,
 * whatever the request is, forms included.
 *
 * @throws PERMISSION_DENIED: HOST_NOT_ALLOWED, ORIGIN_NOT_ALLOWED
 */
export function admit(req: IncomingMessage, rules: GuardRules): Passed {
  const { host, origin } = req.headers;
  const name = hostNameOf(host);
  if (name === undefined || !isAllowedHost(name, rules)) throw hostNotAllowed(host ?? '');
  if (origin === undefined) {
    if (isForeignWithoutOrigin(req)) throw originNotAllowed('another site');
    return { headers: {} };
  }
  if (isSameOrigin(origin, host ?? '')) return { headers: { vary: 'Origin' } };
  if (!rules.origins.includes(origin)) throw originNotAllowed(origin);
  return {
    headers: {
      vary: 'Origin',
      'access-control-allow-origin': origin,
      'access-control-expose-headers': cors.exposedHeaders.join(', '),
    },
  };
}

/** What a browser may be told before a call from an allowed origin. */
export const PREFLIGHT_HEADERS: Readonly<Record<string, string>> = {
  'access-control-allow-methods': cors.allowedMethods.join(', '),
  'access-control-allow-headers': [...cors.allowedHeaders, 'Authorization', 'Org', 'Subject'].join(', '),
  'access-control-max-age': '7200',
};

/**
 * Pictures, scripts and the like that a page takes from elsewhere come without an origin;
 * browsers still say so. Links that a person follows are no such thing.
 */
function isForeignWithoutOrigin({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  return (site === 'cross-site' || site === 'same-site') && headers['sec-fetch-mode'] !== 'navigate';
}

function isSameOrigin(origin: string, host: string): boolean {
  const match = /^https?:\/\/(.+)$/i.exec(origin);
  return match?.[1]?.toLowerCase() === host.toLowerCase();
}

function hostNotAllowed(host: string): ReeveError {
  const message = `this server does not answer to the name "${host}"; the setting allowed-hosts adds names`;
  return new ReeveError('PERMISSION_DENIED', 'HOST_NOT_ALLOWED', message);
}

function originNotAllowed(origin: string): ReeveError {
  const message = `pages of ${origin} may not call this server; the setting allowed-origins adds origins`;
  return new ReeveError('PERMISSION_DENIED', 'ORIGIN_NOT_ALLOWED', message);
}
