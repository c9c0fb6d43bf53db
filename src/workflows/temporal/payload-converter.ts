/** Anybody may send a signal of bytes that nobody can read: no reason to stop listening to all others. */
import { defaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common';

/** Stands for what cannot be read; no rule takes it for a command, an alarm or a spec. */
export interface Unreadable {
  unreadable: string;
}

/** The usual one fails the workflow task instead, and with it every try of it. */
export const payloadConverter: PayloadConverter = {
  toPayload: (value) => defaultPayloadConverter.toPayload(value),
  fromPayload<T>(payload: Payload): T {
    try {
      return defaultPayloadConverter.fromPayload<T>(payload);
    } catch (error) {
      const unreadable: Unreadable = { unreadable: error instanceof Error ? error.message : String(error) };
      return unreadable as T;
    }
  },
};
