const PAGE_SIZE = 200;

interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string;
}

/**
 * Iterates over a list that comes in pages, reading the next one when it is asked for. At
 * most `limit`; 0 is no limit.
 */
export async function* listPages<T>(
  limit: number | undefined = 0,
  read: (page: { pageSize: number; pageToken: string }) => Promise<Page<T>>,
): AsyncGenerator<T, void, undefined> {
  let left = limit === 0 ? Number.POSITIVE_INFINITY : limit;
  let pageToken = '';
  while (left > 0) {
    const { items, nextPageToken } = await read({ pageSize: Math.min(left, PAGE_SIZE), pageToken });
    for (const item of items) {
      if (left-- <= 0) return;
      yield item;
    }
    if (nextPageToken === '') return;
    pageToken = nextPageToken;
  }
}
