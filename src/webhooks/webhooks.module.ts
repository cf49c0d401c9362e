import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AppConfig } from '../config/app-config';
import { EventsModule } from '../events/events.module';
import { AdminWebhooksController } from './admin-webhooks.controller';
import { ClaimCandidates } from './delivery/claim-candidates';
import { EndpointClaims } from './delivery/endpoint-claims';
import { ProgressFlush } from './delivery/progress-flush';
import { ProgressWriter } from './delivery/progress-writer';
import { TurnPlanner } from './delivery/turn-plan';
import { WebhookWorker } from './delivery/webhook-worker';
import { DeliverySweep } from './endpoints/delivery-sweep';
import { Destinations } from './endpoints/destinations';
import { EndpointChanges } from './endpoints/endpoint-changes';
import { EndpointDisabling } from './endpoints/endpoint-disabling';
import { WebhookDeliveries } from './endpoints/webhook-deliveries';
import { WebhookEndpoints } from './endpoints/webhook-endpoints';
import { WebhookTests } from './endpoints/webhook-tests';
import { EndpointSecrets } from './secrets/endpoint-secrets';
import { SecretBox } from './secrets/secret-box';
import { SecretRenewal } from './secrets/secret-renewal';
import { AddressResolver } from './sending/address-resolver';
import { ReachableAddresses } from './sending/reachable-addresses';
import { WebhookAgents } from './sending/webhook-agents';
import { WebhookSender } from './sending/webhook-sender';
import { WebhookDelivery } from './webhook-delivery.entity';
import { WebhookEndpoint } from './webhook-endpoint.entity';
import { WebhooksController } from './webhooks.controller';

/** Sends events to the URLs of users and admins. */
@Module({
  imports: [TypeOrmModule.forFeature([WebhookEndpoint, WebhookDelivery]), EventsModule],
  controllers: [WebhooksController, AdminWebhooksController],
  providers: [
    {
      provide: ReachableAddresses,
      inject: [AppConfig],
      useFactory: ({ webhooks }: AppConfig) => new ReachableAddresses(webhooks.allowedNetworks),
    },
    AddressResolver,
    {
      provide: WebhookAgents,
      inject: [ReachableAddresses, AddressResolver],
      useFactory: (reachable: ReachableAddresses, resolver: AddressResolver) =>
        new WebhookAgents(reachable, resolver),
    },
    {
      provide: WebhookSender,
      inject: [ReachableAddresses, WebhookAgents],
      useFactory: (reachable: ReachableAddresses, agents: WebhookAgents) =>
        new WebhookSender(reachable, agents),
    },
    SecretBox,
    SecretRenewal,
    EndpointSecrets,
    EndpointDisabling,
    ClaimCandidates,
    EndpointClaims,
    TurnPlanner,
    ProgressWriter,
    ProgressFlush,
    WebhookWorker,
    Destinations,
    WebhookEndpoints,
    EndpointChanges,
    WebhookDeliveries,
    WebhookTests,
    DeliverySweep,
  ],
})
export class WebhooksModule {}
