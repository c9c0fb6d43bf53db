/** People who are told of holds and pages, by a webhook of their own. */
import type { Notification } from '../../../src/activities/interface/notifications.js';
import { Receiver } from '../../activities/webhooks/receiver.js';

export class Told {
  private constructor(private readonly receiver: Receiver) {}

  static async open(): Promise<Told> {
    return new Told(await Receiver.open());
  }

  /** For a spec. */
  get notify(): object[] {
    return [{ webhook: { url: this.receiver.url }, on: ['hold', 'page'] }];
  }

  /** What they were told of holds, or of what needs them now. */
  of(event: 'hold' | 'page'): string[] {
    return this.receiver.received
      .map(({ body }) => JSON.parse(body) as Pick<Notification, 'event' | 'message'>)
      .filter((notification) => notification.event === event)
      .map(({ message }) => message);
  }

  close(): Promise<void> {
    return this.receiver.close();
  }
}
