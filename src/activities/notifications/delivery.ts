/** Result of one try to notify a receiver. `reason`: a clause whose subject is the receiver. */
export type DeliveryResult =
  | { kind: 'delivered' }
  /** The notification has certainly not arrived. `retryable`: another try may succeed. */
  | { kind: 'undelivered'; reason: string; retryable: boolean }
  /** It may have arrived. */
  | { kind: 'unknown'; reason: string };

/** From the status of an HTTP response. */
export function deliveryOf(status: number, reason = `answers ${status}`): DeliveryResult {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === 429 || status === 503) return { kind: 'undelivered', reason, retryable: true };
  if (status >= 500 || status === 408) return { kind: 'unknown', reason };
  return { kind: 'undelivered', reason, retryable: false };
}
