/** Query parameters that hold one: `password`, `sslpassword` and the like. */
const SECRET_PARAMETER = /pass|secret|token/i;

/** A URL that can be shown: `postgres://reeve:***@db:5432/reeve`. What is none comes back as nothing. */
export function withoutSecrets(text: string): string {
  if (!URL.canParse(text)) return '';
  const url = new URL(text);
  if (url.password !== '') url.password = '***';
  for (const name of [...url.searchParams.keys()]) {
    if (SECRET_PARAMETER.test(name)) url.searchParams.set(name, '***');
  }
  return url.href;
}

/** Where it leads, for messages: `db:5432/reeve`; the default port of its kind is added. */
export function placeOf(text: string, defaultPort: number): string {
  const { hostname, port, pathname, searchParams } = new URL(text);
  const host = searchParams.get('host') ?? (decodeURIComponent(hostname) || 'localhost');
  return `${host}:${port || defaultPort}${pathname === '/' ? '' : pathname}`;
}
