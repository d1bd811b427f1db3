import type { WorkflowNode } from '../../domain/workflows/workflow.js';
import type { ItemOutcome, WorkflowKey, WorkflowRecord } from '../../ports/workflow-record.js';

/** A turn, as far as its items are read. */
interface Reading {
  readonly copy: { readonly key: WorkflowKey; node(node: number): Pick<WorkflowNode, 'total'> };
  readonly ports: { readonly workflows: Pick<WorkflowRecord, 'listItems'> };
}

/** Items that are read at once, with what came of them … */
const PAGE = 500;
/** … and what their results may take, in bytes: outputs of some MiB each are read a few at a time. */
const MAX_PAGE_BYTES = 8 * 1024 * 1024;

/**
 * The tasks of a node's run in the order of their items, page by page.
 *
 * @param withPayloads whether outputs are needed too
 */
export async function* itemPages(
  { copy, ports }: Reading,
  node: number,
  withPayloads: boolean,
): AsyncGenerator<readonly ItemOutcome[]> {
  const { total } = copy.node(node);
  for (let afterItem = 0; afterItem < total; ) {
    const page = { afterItem, limit: PAGE, withPayloads, maxBytes: MAX_PAGE_BYTES };
    const items = await ports.workflows.listItems(copy.key, node, page);
    const last = items.at(-1);
    if (!last) return;
    yield items;
    afterItem = last.item;
  }
}
