/** Sends notifications to webhooks, and to Slack's webhooks, whose body has another form. */
import type { Channel } from '../../plan/compiled/notifications.js';
import { nonRetryableFailure, retryableFailure } from '../temporal/failures.js';
import type { Notification } from '../interface/notifications.js';
import { slackTextOf } from './message-text.js';
import { describeAddress, isFinal, post, type Environment } from '../webhooks/signed-post.js';

type HttpChannel = Channel & { kind: 'webhook' | 'slack' };

/** Fails: Unavailable; Rejected if a repetition would be rejected too. */
export async function sendOverHttp(
  channel: HttpChannel,
  notification: Notification,
  env: Environment,
): Promise<void> {
  const body = JSON.stringify(channel.kind === 'slack' ? { text: slackTextOf(notification) } : notification);
  const secretEnv = channel.kind === 'slack' ? null : channel.secretEnv;
  const posted = await post({ address: channel.address, secretEnv }, { id: notification.id, body }, env);
  const name = nameOfHttp(channel);
  if (posted.kind === 'failed') throw retryableFailure('Unavailable', `${name} ${posted.reason}`);
  const { status } = posted;
  if (status >= 200 && status < 300) return;
  const message = `${name} answers ${status}`;
  throw isFinal(status) ? nonRetryableFailure('Rejected', message) : retryableFailure('Unavailable', message);
}

function nameOfHttp({ kind, address }: HttpChannel): string {
  return kind === 'slack' ? `Slack (${describeAddress(address)})` : describeAddress(address);
}
