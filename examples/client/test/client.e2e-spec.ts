import { ServerFleet } from '../../../test/support/server-fleet';
import { placeAndCancel } from '../place-and-cancel';

describe('The typed client', () => {
  const fleet = ServerFleet.forSuite({ PROCESSING_ENABLED: 'false' });

  it('places and cancels an order on the built server', async () => {
    const { api } = await fleet.start();
    expect(await placeAndCancel(api.url)).toMatchObject({
      product_name: 'Laptop',
      amount: 999.99,
      status: 'cancelled',
      cancel_reason: 'Ordered twice',
    });
  });
});
