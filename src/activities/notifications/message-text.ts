/** Texts of notifications for people. */
import type { NotificationEvent } from '../../plan/compiled/notifications.js';
import type { Notification } from '../interface/notifications.js';

const headlines: Record<NotificationEvent, string> = {
  started: 'rollout started',
  gate: 'waiting at a gate',
  hold: 'rollout on hold',
  rollback: 'rolling back',
  promoted: 'promoted',
  page: 'manual action required',
  ended: 'rollout ended',
};

const maxMessageLength = 2_000;

/**
 * At most 100 ASCII characters: an endpoint's name has at most 63 ASCII characters. Source: SNS, Publish,
 * Subject.
 */
export function headlineOf({ endpoint, event }: Notification): string {
  return `${endpoint}: ${headlines[event]}`;
}

export function notificationText(notification: Notification): string {
  const { message, rolloutId, strategy, workflowId, at } = notification;
  const shortened =
    message.length > maxMessageLength ? `${message.slice(0, maxMessageLength - 3)}...` : message;
  const rollout = [rolloutId, strategy].filter((part) => part !== null).join(', ');
  return [
    `${headlineOf(notification)}: ${shortened}`,
    [rollout, workflowId, at].filter((part) => part !== '').join(' | '),
  ].join('\n');
}

/** Escapes the three characters that Slack reads as links and mentions. Source: Slack, "Formatting text". */
export function slackTextOf(notification: Notification): string {
  return notificationText(notification)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
