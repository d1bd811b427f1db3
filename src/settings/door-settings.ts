import { choice, integer, list, only, text, toggle } from './setting.js';

const HOST = /^([a-z0-9._-]+|[0-9a-f:.]+)$/i;
const HOSTS = 'names or addresses without ports, such as reeve.example, commas between them';

/** Where a coordinator is reached, by whom, and whom it calls itself; where it keeps and tells what it does. */
export const DOOR_SETTINGS = {
  data: only(
    'dev',
    text('data', '.reeve/data', 'Folder in which everything durable is kept; one process owns it.'),
  ),
  host: text('host', '127.0.0.1', 'Address to listen on.'),
  port: integer(
    'port',
    9001,
    { min: 0, max: 65_535 },
    'Port to listen on, 0 takes any; if it is taken, reeve dev uses the next free one (and, if you set none, remembers it in the data folder), reeve serve ends.',
  ),
  http: toggle('http', true, 'Whether calls over HTTP (JSON, gRPC-Web), probes and metrics are served.'),
  httpPort: integer(
    'http-port',
    9002,
    { min: 0, max: 65_535 },
    'Port for HTTP, 0 takes any; if it is taken, as for gRPC.',
  ),
  allowedHosts: list(
    'allowed-hosts',
    'Names that HTTP answers to besides localhost, commas between them; listening beyond this machine, none set means all.',
    HOSTS,
    HOST,
  ),
  allowedOrigins: list(
    'allowed-origins',
    "Origins besides the server's own whose pages may call over HTTP, commas between them.",
    'origins, such as https://app.example or http://localhost:5173, commas between them',
    /^https?:\/\/[a-z0-9._-]+(:\d{1,5})?$/,
  ),
  policyPrivateHosts: list(
    'policy-private-hosts',
    'Hosts of remote policies and role directories that may have private addresses, commas between them; others are refused if they have one.',
    HOSTS,
    HOST,
  ),
  policyPlaintextHosts: list(
    'policy-plaintext-hosts',
    'Hosts of remote policies and role directories that may be called without TLS, commas between them.',
    HOSTS,
    HOST,
  ),
  eventHandlers: list(
    'event-handlers',
    'ES modules that are told of what happens to tasks and workflows here, commas between them: paths, which begin with ./ or /, or names of packages.',
    'paths of ES modules such as ./audit.mjs, or names of packages, commas between them',
    /^[^\s]([^\n\r]*[^\s])?$/,
  ),
  logLevel: choice(
    'log-level',
    ['debug', 'info', 'warn', 'error', 'silent'],
    'warn',
    'Least severity that is logged, to standard error.',
  ),
} as const;
