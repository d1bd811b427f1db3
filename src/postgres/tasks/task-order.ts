/** Sorts and names tasks as the record's key does: by org, then id. Ids are in lower case. */
export function taskOrder(item: { readonly org: string; readonly taskId: string }): string {
  return `${item.org}\0${item.taskId}`;
}
