import type { JsonObject as PlainObject } from '@bufbuild/protobuf';
import type { Role as RoleMessage, Subject as SubjectMessage } from '@reeve/sdk/protocol';
import type { Role, Subject } from '../../domain/directory/directory.js';
import { checkFilter, type Sought } from '../../domain/directory/filter.js';
import { checkAttributes } from '../../domain/directory/plain-json.js';
import { invalidArgument } from '../../domain/errors.js';
import type { JsonObject } from '../../domain/json.js';
import { timestampOf } from './time.js';

type Init<T> = Omit<T, '$typeName' | '$unknown' | 'updateTime'>;

/** @throws INVALID_ARGUMENT for attributes that cannot be kept */
export function toDomainRole(message: Init<RoleMessage>): Omit<Role, 'updateTime'> {
  const { roleId, roleType, jobSpaceId, groupIds, attributes, description } = message;
  return {
    roleId,
    roleType,
    jobSpaceId,
    groupIds,
    attributes: kept(attributes, 'role.attributes'),
    description,
  };
}

/** @throws INVALID_ARGUMENT for attributes that cannot be kept */
export function toDomainSubject(message: Init<SubjectMessage>): Omit<Subject, 'updateTime'> {
  const { subjectId, subjectType, roleIds, groupIds, attributes } = message;
  return { subjectId, subjectType, roleIds, groupIds, attributes: kept(attributes, 'subject.attributes') };
}

/** A time of 0 is not known. */
export function toProtoRole({ updateTime, attributes, groupIds, ...role }: Role) {
  return {
    ...role,
    groupIds: [...groupIds],
    attributes: attributes as PlainObject,
    ...(updateTime > 0 && { updateTime: timestampOf(updateTime) }),
  };
}

/** A time of 0 is not known. */
export function toProtoSubject({ updateTime, attributes, groupIds, roleIds, ...subject }: Subject) {
  return {
    ...subject,
    roleIds: [...roleIds],
    groupIds: [...groupIds],
    attributes: attributes as PlainObject,
    ...(updateTime > 0 && { updateTime: timestampOf(updateTime) }),
  };
}

/** @throws INVALID_ARGUMENT for what is no filter */
export function toDomainFilter(filter: PlainObject | undefined, sought: Sought): JsonObject | null {
  if (!filter) return null;
  const violations = checkFilter(filter, sought);
  if (violations.length > 0) throw invalidArgument(violations, 'INVALID_FILTER');
  return filter;
}

function kept(attributes: PlainObject | undefined, field: string): JsonObject {
  const violations = checkAttributes(attributes ?? {}, field);
  if (violations.length > 0) throw invalidArgument(violations);
  return attributes ?? {};
}
