/**
 * Accepts payloads that cannot be decoded, because any client can send such a signal and it must not block the
 * workflow.
 */
import { defaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common';

/** Replaces a payload that cannot be decoded. No rule accepts it as a command, an alarm or a spec. */
export interface Unreadable {
  unreadable: string;
}

/** The default converter fails the workflow task instead, and each retry of it. */
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
