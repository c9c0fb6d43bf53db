/** The channels that a rollout notifies. */

/** A URL, or the worker's environment variable that has it, for a URL that is itself a secret. */
export type ReceiverAddress = { url: string } | { env: string };

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

/** A receiver, and the events that it is notified of. The event `page` needs an operator immediately. */
export type Channel = { notificationEvents: NotificationEvent[] } & (
  | { kind: 'sns'; topicArn: string }
  | { kind: 'webhook'; address: ReceiverAddress; secretEnv: string | null }
  | { kind: 'slack'; address: ReceiverAddress }
);
