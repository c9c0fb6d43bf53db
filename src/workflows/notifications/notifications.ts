/** Sends notifications. The rollout does not wait for them while it runs, and does not fail because of them. */
import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { Notification } from '../../activities/interface/notifications.js';
import type { Channel, NotificationEvent } from '../../plan/compiled/notifications.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import type { RolloutState } from '../state/state.js';
import { failureOf } from '../temporal/stop.js';

/**
 * Attempts instead of a time limit: a time without workers must not lose a notification. A receiver that does not answer
 * is tried for about ten minutes, and with a page for an hour. The end of the rollout waits for them.
 */
const maximumAttempts = 25;
const maximumPageAttempts = 130;

export class Notifications {
  private readonly sending = new Set<Promise<void>>();

  /** `sequence`: number of notifications so far, over all runs. */
  constructor(
    private readonly state: RolloutState,
    public sequence = 0,
  ) {}

  send(event: NotificationEvent, message: string): void {
    const { compiledPlan } = this.state;
    const channels =
      compiledPlan?.notify.filter((channel) => channel.notificationEvents.includes(event)) ?? [];
    for (const [index, channel] of channels.entries()) {
      const notification = this.notification(event, message, index);
      const sent = CancellationScope.nonCancellable(() => this.deliver(channel, notification));
      this.sending.add(sent);
      void sent.finally(() => this.sending.delete(sent));
    }
    if (channels.length > 0) this.sequence++;
  }

  get areDelivered(): boolean {
    return this.sending.size === 0;
  }

  /** Call before the workflow ends: its end would drop notifications that are still being sent. */
  async delivered(): Promise<void> {
    await Promise.all(this.sending);
  }

  private notification(event: NotificationEvent, message: string, index: number): Notification {
    const { compiledPlan, endpoint } = this.state;
    const { workflowId, firstExecutionRunId } = workflowInfo();
    return {
      id: `${compiledPlan?.rolloutId ?? firstExecutionRunId}:${this.sequence}:${index}`,
      event,
      at: new Date().toISOString(),
      rolloutId: compiledPlan?.rolloutId ?? null,
      workflowId,
      endpoint,
      strategy: compiledPlan?.strategy ?? null,
      message,
    };
  }

  private async deliver(channel: Channel, notification: Notification): Promise<void> {
    const { sendNotification } = proxyRolloutActivities({
      scheduleToCloseSeconds: null,
      maximumAttempts: notification.event === 'page' ? maximumPageAttempts : maximumAttempts,
      summary: `notify: ${notification.event}`,
    });
    try {
      await sendNotification({ channel, notification });
    } catch (error) {
      const cause = failureOf(error);
      if (!cause) throw error;
      this.state.addTimelineEntry({
        kind: 'decision',
        message: `could not deliver the ${notification.event} notification by ${channel.kind}: ${cause.message}`,
      });
    }
  }
}
