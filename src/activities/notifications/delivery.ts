/** What became of one try to tell somebody. `why` is a clause whose subject is the receiver. */
export type DeliveryResult =
  | { kind: 'delivered' }
  /** Certainly nothing has arrived. `again`: another try may fare better. */
  | { kind: 'undelivered'; reason: string; retryable: boolean }
  /** It may have arrived. */
  | { kind: 'unknown'; reason: string };

/** By the status of an HTTP answer. */
export function deliveryOf(status: number, reason = `answers ${status}`): DeliveryResult {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === 429 || status === 503) return { kind: 'undelivered', reason, retryable: true };
  if (status >= 500 || status === 408) return { kind: 'unknown', reason };
  return { kind: 'undelivered', reason, retryable: false };
}
