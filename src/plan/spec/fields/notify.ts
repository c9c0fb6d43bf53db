/** `notify`: receivers of notifications. */
import { z } from 'zod';
import { notificationEvents, type Channel } from '../../compiled/notifications.js';
import { addressed, addressOf, signingFields } from './address.js';
import { exactlyOneOf, oneRequiredOf, addIssue, text } from './scalars.js';

const topicArn = text(
  'the ARN of an SNS topic such as arn:aws:sns:eu-central-1:123456789012:rollouts',
  /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(\.fifo)?$/,
);

const on = z
  .array(z.enum(notificationEvents))
  .min(1)
  .superRefine((listed, ctx) => {
    listed.forEach((event, i) => {
      if (listed.indexOf(event) < i) addIssue(ctx, [i], `${event} is already in the list`, 'each event once');
    });
  });

const kinds = ['slack', 'webhook', 'sns'] as const;

const fields = z.strictObject({
  slack: addressed({})
    .optional()
    .describe('An incoming webhook of Slack, or of a service with the same format.'),
  webhook: addressed(signingFields).optional().describe('Your service. The worker sends JSON by POST.'),
  sns: topicArn.optional().describe('An SNS topic, by ARN.'),
  on: on.default([...notificationEvents]).describe('Events to send. Default: all events.'),
});

const channel = fields
  .superRefine(...exactlyOneOf(kinds))
  .meta(oneRequiredOf(kinds))
  .transform(({ slack, webhook, sns = '', on }): Channel => {
    if (slack) return { notificationEvents: on, kind: 'slack', address: addressOf(slack) };
    if (!webhook) return { notificationEvents: on, kind: 'sns', topicArn: sns };
    const secretEnv = webhook.secretEnv ?? null;
    return { notificationEvents: on, kind: 'webhook', address: addressOf(webhook), secretEnv };
  });

export const notify = z.array(channel).max(20);
