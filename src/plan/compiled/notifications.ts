/** Who hears of a rollout. */
import type { ReceiverAddress } from './address.js';

export const notificationEvents = [
  'started',
  'gate',
  'hold',
  'rollback',
  'promoted',
  'page',
  'ended',
] as const;
export type NotificationEvent = (typeof notificationEvents)[number];

/** Who is told of what. `page`: a person is needed now. */
export type Channel = { notificationEvents: NotificationEvent[] } & (
  | { kind: 'sns'; topicArn: string }
  | { kind: 'webhook'; address: ReceiverAddress; secretEnv: string | null }
  | { kind: 'slack'; address: ReceiverAddress }
);
