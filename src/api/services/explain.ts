import type { CoordinatorService } from '@reeve/sdk/protocol';
import type { Handlers } from '../call.js';
import type { Context } from './context.js';

export function explainHandlers(_context: Context): Partial<Handlers<typeof CoordinatorService>> {
  return {};
}
