interface Key {
  readonly org: string;
  readonly taskId: string;
}

/** Sorts tasks as the record's key does: by org, then id. Ids are in lower case. */
export function taskOrder(a: Key, b: Key): number {
  if (a.org !== b.org) return a.org < b.org ? -1 : 1;
  return a.taskId < b.taskId ? -1 : a.taskId > b.taskId ? 1 : 0;
}

/** Its id: that two organisations have the same is unlikely, and costs a batch. */
export function taskKey({ taskId }: Key): string {
  return taskId;
}
