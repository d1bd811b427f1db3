import type { Role as RoleMessage, Subject as SubjectMessage } from '@reeve/sdk/protocol';
import type { Role, Subject } from '../../domain/directory/directory.js';
import type { JsonObject } from '../../domain/json.js';

/** A role as a directory tells it. When it was put there is not asked for. */
export function toRole(message: RoleMessage): Role {
  return {
    roleId: message.roleId,
    roleType: message.roleType,
    jobSpaceId: message.jobSpaceId,
    groupIds: message.groupIds,
    attributes: (message.attributes ?? {}) as JsonObject,
    description: message.description,
    updateTime: timeOf(message),
  };
}

/** A subject as a directory tells it. */
export function toSubject(message: SubjectMessage): Subject {
  return {
    subjectId: message.subjectId,
    subjectType: message.subjectType,
    roleIds: message.roleIds,
    groupIds: message.groupIds,
    attributes: (message.attributes ?? {}) as JsonObject,
    updateTime: timeOf(message),
  };
}

function timeOf({ updateTime }: Pick<RoleMessage, 'updateTime'>): number {
  return updateTime ? Number(updateTime.seconds) * 1_000 + Math.floor(updateTime.nanos / 1e6) : 0;
}
