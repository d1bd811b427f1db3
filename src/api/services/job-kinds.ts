import type { ConfigService } from '@reeve/sdk/protocol';
import type { Handlers } from '../call.js';
import type { Context } from './context.js';

export function jobKindHandlers(_context: Context): Partial<Handlers<typeof ConfigService>> {
  return {};
}
