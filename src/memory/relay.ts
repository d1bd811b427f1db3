import type { Relay, RelayKind } from '../ports/relay.js';

/** A coordinator's end of relays inside one process. */
export interface LocalRelay extends Relay {
  /** As long as it is cut off it neither hears nor is heard; what is said meanwhile is lost. */
  cutOff(isCut: boolean): void;
}

type Listener = (message: never, from: string) => void;

interface End {
  readonly listeners: Map<RelayKind, Listener[]>;
  isCut: boolean;
}

/** Relays inside one process: each call makes the end of another coordinator. */
export function createLocalRelays(): (coordinatorId: string) => LocalRelay {
  const ends = new Map<string, End>();
  return (coordinatorId) => {
    const own: End = { listeners: new Map(), isCut: false };
    ends.set(coordinatorId, own);

    function deliver(text: string, kind: RelayKind, to: string | undefined): void {
      for (const [id, end] of ends) {
        if (end.isCut || own.isCut || (to === undefined ? id === coordinatorId : id !== to)) continue;
        for (const listener of end.listeners.get(kind) ?? []) {
          listener(JSON.parse(text) as never, coordinatorId);
        }
      }
    }

    return {
      coordinatorId,
      send(kind, message, to) {
        const text = JSON.stringify(message);
        queueMicrotask(() => deliver(text, kind, to));
      },
      on(kind, listener) {
        own.listeners.set(kind, [...(own.listeners.get(kind) ?? []), listener as Listener]);
      },
      cutOff(isCut) {
        own.isCut = isCut;
      },
    };
  };
}
