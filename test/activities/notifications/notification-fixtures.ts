/** Workflow code for notify-at-least-once.test.ts. */
import { proxyActivities } from '@temporalio/workflow';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';

type Notify = RolloutActivities['sendNotification'];

const { sendNotification } = proxyActivities<Pick<RolloutActivities, 'sendNotification'>>({
  startToCloseTimeout: '3s',
  retry: { initialInterval: '100ms', maximumAttempts: 3 },
});

export function sendWithRetries(...args: Parameters<Notify>): ReturnType<Notify> {
  return sendNotification(...args);
}
