import type { SNSClientConfig } from '@aws-sdk/client-sns';
import type { RolloutActivities } from '../interface/activities.js';
import { sendOverHttp } from './notify-http.js';
import { createTopicSender } from './notify-sns.js';
import type { Environment } from '../webhooks/signed-post.js';

interface NotifyDeps {
  /** For SNS clients, one for each topic's region. */
  sns: SNSClientConfig;
  env: Environment;
}

/** One attempt sends once. The server repeats it until the receiver has confirmed the notification. */
export function createSendNotification({ sns, env }: NotifyDeps): RolloutActivities['sendNotification'] {
  const sendToTopic = createTopicSender(sns);
  return ({ channel, notification }) =>
    channel.kind === 'sns'
      ? sendToTopic(channel.topicArn, notification)
      : sendOverHttp(channel, notification, env);
}
