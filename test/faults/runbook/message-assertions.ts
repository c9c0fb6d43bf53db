/** A webhook that receives the hold and page notifications of a rollout. */
import type { Notification } from '../../../src/activities/interface/notifications.js';
import { Receiver } from '../../activities/webhooks/receiver.js';

export class NotificationReceiver {
  private constructor(private readonly receiver: Receiver) {}

  static async open(): Promise<NotificationReceiver> {
    return new NotificationReceiver(await Receiver.open());
  }

  /** The `notify` field of a spec. */
  get notify(): object[] {
    return [{ webhook: { url: this.receiver.url }, on: ['hold', 'page'] }];
  }

  /** Messages of the notifications received for this event, in order. */
  messagesOf(event: 'hold' | 'page'): string[] {
    return this.receiver.received
      .map(({ body }) => JSON.parse(body) as Pick<Notification, 'event' | 'message'>)
      .filter((notification) => notification.event === event)
      .map(({ message }) => message);
  }

  close(): Promise<void> {
    return this.receiver.close();
  }
}
