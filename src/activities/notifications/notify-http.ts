/** Webhooks, and Slack's, which have a form of their own. */
import type { Channel } from '../../plan/compiled/notifications.js';
import { deliveryOf, type Delivery } from './delivery.js';
import type { Notice } from '../interface/notifications.js';
import { slackTextOf } from './message-text.js';
import { nameOf, post, type Environment } from '../webhooks/signed-post.js';

type HttpChannel = Channel & { kind: 'webhook' | 'slack' };

export async function sendOverHttp(
  channel: HttpChannel,
  notice: Notice,
  env: Environment,
): Promise<Delivery> {
  const body = JSON.stringify(channel.kind === 'slack' ? { text: slackTextOf(notice) } : notice);
  const secretEnv = channel.kind === 'slack' ? null : channel.secretEnv;
  const posted = await post({ address: channel.address, secretEnv }, { id: notice.id, body }, env);
  switch (posted.kind) {
    case 'answered':
      return deliveryOf(posted.status);
    case 'unsent':
      return { kind: 'undelivered', why: posted.why, again: true };
    case 'unclear':
      return { kind: 'unclear', why: posted.why };
  }
}

export function nameOfHttp({ kind, address }: HttpChannel): string {
  return kind === 'slack' ? `Slack (${nameOf(address)})` : nameOf(address);
}
