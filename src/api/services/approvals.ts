import type { CoordinatorService } from '@reeve/sdk/protocol';
import type { Handlers } from '../call.js';
import type { Context } from './context.js';

export function approvalHandlers(_context: Context): Partial<Handlers<typeof CoordinatorService>> {
  return {};
}
