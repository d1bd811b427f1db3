const MAX_MESSAGE_BYTES = 1_048_576;

/** Items in messages of at most `maxItems` and about 1 MiB; one that is larger goes alone. */
export function inMessages<T>(items: Iterable<T>, bytesOf: (item: T) => number, maxItems: number): T[][] {
  const messages: T[][] = [];
  let room = 0;
  for (const item of items) {
    const bytes = bytesOf(item);
    const last = messages.at(-1);
    if (last && last.length < maxItems && bytes <= room) {
      last.push(item);
      room -= bytes;
    } else {
      messages.push([item]);
      room = MAX_MESSAGE_BYTES - bytes;
    }
  }
  return messages;
}
