import type { AgentService } from '@reeve/sdk/protocol';
import type { Handlers } from '../call.js';
import { toProtoBidder } from '../mapping/auction.js';
import { CURSORS, cursorOf, pageTokenOf } from '../page-token.js';
import type { Context } from './context.js';

/** How agents have kept what they bid. */
export function bidderHandlers({
  ports: { auctions },
}: Context): Pick<Handlers<typeof AgentService>, 'listBidders'> {
  return {
    async listBidders({ org }, { agentId, kind, pageSize, pageToken }) {
      const question = ['ListBidders', org, agentId, kind];
      const limit = pageSize || 50;
      const cursor = cursorOf(question, pageToken, CURSORS.TEXT);
      const [afterKind = '', afterAgent = ''] = cursor?.split(' ') ?? [];
      const after = cursor === null ? null : { kind: afterKind, agentId: afterAgent };
      const query = { org, agentId: agentId || null, kind: kind || null, after, limit: limit + 1 };
      const bidders = await auctions.listBidders(query);
      const page = bidders.slice(0, limit);
      const last = page.at(-1);
      const isMore = bidders.length > limit && last;
      return {
        bidders: page.flatMap(toProtoBidder),
        nextPageToken: isMore ? pageTokenOf(question, `${last.kind} ${last.agentId}`) : '',
      };
    },
  };
}
