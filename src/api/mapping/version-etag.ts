/** Nothing has it. */
const NO_VERSION = -1;

/** What has to be there for a change: a version, 0 for nothing (`*`), `null` for whatever it is (empty). */
export function expectedVersion(etag: string): number | null {
  if (etag === '') return null;
  if (etag === '*') return 0;
  return /^[1-9]\d{0,14}$/.test(etag) ? Number(etag) : NO_VERSION;
}
