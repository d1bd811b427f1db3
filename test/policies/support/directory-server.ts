import {
  create,
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import { RoleDirectoryService, RoleSchema, SubjectSchema } from '@reeve/sdk/protocol';
import { onTestFinished } from 'vitest';
import type { Role, Subject } from '../../../src/domain/directory/directory.js';
import { matchesRole, matchesSubject } from '../../../src/domain/directory/filter.js';
import type { JsonObject } from '../../../src/domain/json.js';
import { toRole, toSubject } from '../../../src/policies/remote/directory-messages.js';

/** What the directory knows, and how it behaves; may be changed while it runs. */
export interface DirectoryState {
  roles: readonly MessageInitShape<typeof RoleSchema>[];
  subjects: readonly MessageInitShape<typeof SubjectSchema>[];
  away: boolean;
  /** It answers with everything, whatever is asked for. */
  ignoresFilters: boolean;
  /** Its pages are empty, and lead to others. */
  runsOn: boolean;
  /** Entries of a page at most. */
  pageSize: number;
  calls: number;
}

interface Asked {
  readonly filter?: JsonObject;
  readonly pageSize: number;
  readonly pageToken: string;
}

const { method, typeName } = RoleDirectoryService;

/** A RoleDirectoryService on loopback, until the test is over. */
export async function startDirectory(over: Partial<DirectoryState> = {}) {
  const behaviour = { away: false, ignoresFilters: false, runsOn: false };
  const state: DirectoryState = { roles: [], subjects: [], ...behaviour, pageSize: 1_000, calls: 0, ...over };
  const server = new Server();
  const roles = (asked: Asked) => {
    const all = state.roles.map((role) => create(RoleSchema, role));
    const { items, nextPageToken } = page(all, asked, (role) =>
      matchesRole(asked.filter ?? {}, toRole(role) as Role),
    );
    return { roles: items, nextPageToken };
  };
  const subjects = (asked: Asked) => {
    const all = state.subjects.map((one) => create(SubjectSchema, one));
    const { items, nextPageToken } = page(all, asked, (one) =>
      matchesSubject(asked.filter ?? {}, toSubject(one) as Subject),
    );
    return { subjects: items, nextPageToken };
  };

  function page<T>(all: readonly T[], { pageSize, pageToken }: Asked, isAsked: (item: T) => boolean) {
    if (state.runsOn) return { items: [], nextPageToken: 'more' };
    const found = state.ignoresFilters ? all : all.filter(isAsked);
    const from = Number(pageToken || 0);
    const to = from + Math.min(pageSize, state.pageSize);
    return { items: found.slice(from, to), nextPageToken: to < found.length ? String(to) : '' };
  }

  function serve<I extends DescMessage, O extends DescMessage>(
    { input, output }: DescMethodUnary<I, O>,
    answer: (asked: Asked) => MessageInitShape<O>,
  ) {
    return (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
      state.calls += 1;
      if (state.away) return done({ code: status.UNAVAILABLE, details: 'away' });
      const asked = fromBinary(input, call.request) as MessageShape<I> & Asked;
      done(null, Buffer.from(toBinary(output, create(output, answer(asked)))));
    };
  }

  server.addService(
    { queryRoles: definitionOf(method.queryRoles), querySubjects: definitionOf(method.querySubjects) },
    { queryRoles: serve(method.queryRoles, roles), querySubjects: serve(method.querySubjects, subjects) },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  onTestFinished(() => server.forceShutdown());
  return { state, address: `127.0.0.1:${port}` };
}

function definitionOf({ name }: DescMethodUnary) {
  const same = (bytes: Buffer) => bytes;
  return {
    path: `/${typeName}/${name}`,
    requestStream: false as const,
    responseStream: false as const,
    ...{
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    },
  };
}
