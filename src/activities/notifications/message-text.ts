/** A notice as people read it. */
import type { NotificationEvent } from '../../plan/compiled/notifications.js';
import type { Notification } from '../interface/notifications.js';

const headlines: Record<NotificationEvent, string> = {
  started: 'rollout started',
  gate: 'waits at a gate',
  hold: 'rollout holds',
  rollback: 'rolls back',
  promoted: 'promoted',
  page: 'a person is needed now',
  ended: 'rollout ended',
};

const maxMessageLength = 2_000;

/** At most 100 ASCII characters: an endpoint's name has 63 and no others. Source: SNS, Publish, Subject. */
export function headlineOf({ endpoint, event }: Notification): string {
  return `${endpoint}: ${headlines[event]}`;
}

export function notificationText(notification: Notification): string {
  const { message, rolloutId, strategy, workflowId, at } = notification;
  const cut = message.length > maxMessageLength ? `${message.slice(0, maxMessageLength - 3)}...` : message;
  const rollout = [rolloutId, strategy].filter((part) => part !== null).join(', ');
  return [
    `${headlineOf(notification)}: ${cut}`,
    [rollout, workflowId, at].filter((part) => part !== '').join(' | '),
  ].join('\n');
}

/** Source: Slack, "Formatting text": these three stand for links and mentions otherwise. */
export function slackTextOf(notification: Notification): string {
  return notificationText(notification)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
