/** Sends notifications to webhooks, and to Slack's webhooks, whose body has another form. */
import type { Channel } from '../../plan/compiled/notifications.js';
import { deliveryOf, type DeliveryResult } from './delivery.js';
import type { Notification } from '../interface/notifications.js';
import { slackTextOf } from './message-text.js';
import { describeAddress, post, type Environment } from '../webhooks/signed-post.js';

type HttpChannel = Channel & { kind: 'webhook' | 'slack' };

export async function sendOverHttp(
  channel: HttpChannel,
  notification: Notification,
  env: Environment,
): Promise<DeliveryResult> {
  const body = JSON.stringify(channel.kind === 'slack' ? { text: slackTextOf(notification) } : notification);
  const secretEnv = channel.kind === 'slack' ? null : channel.secretEnv;
  const posted = await post({ address: channel.address, secretEnv }, { id: notification.id, body }, env);
  switch (posted.kind) {
    case 'answered':
      return deliveryOf(posted.status);
    case 'notSent':
      return { kind: 'undelivered', reason: posted.reason, retryable: true };
    case 'unknown':
      return { kind: 'unknown', reason: posted.reason };
  }
}

export function nameOfHttp({ kind, address }: HttpChannel): string {
  return kind === 'slack' ? `Slack (${describeAddress(address)})` : describeAddress(address);
}
