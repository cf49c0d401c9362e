import type { ListedOrder } from '../../orders/order.dto';

/** The order after which a page begins. */
type Position = Pick<ListedOrder, 'createdAt' | 'id'>;

/** Before all orders. */
const FIRST: Position = { createdAt: '0001-01-01T00:00:00.000Z', id: 0 };

/**
 * Reads pages until one is not full.
 * @param read returns at most `size` orders that follow the position
 */
export async function* readPages<Row extends Position>(
  size: number,
  read: (after: Position) => Promise<readonly Row[]>,
): AsyncGenerator<readonly Row[]> {
  for (let after = FIRST; ;) {
    const page = await read(after);
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (!last || page.length < size) return;
    after = { createdAt: last.createdAt, id: last.id };
  }
}
