/** What became of one try to tell somebody. `why` is a clause whose subject is the receiver. */
export type Delivery =
  | { kind: 'delivered' }
  /** Certainly nothing has arrived. `again`: another try may fare better. */
  | { kind: 'undelivered'; why: string; again: boolean }
  /** It may have arrived. */
  | { kind: 'unclear'; why: string };

/** By the status of an HTTP answer. */
export function deliveryOf(status: number, why = `answers ${status}`): Delivery {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === 429 || status === 503) return { kind: 'undelivered', why, again: true };
  if (status >= 500 || status === 408) return { kind: 'unclear', why };
  return { kind: 'undelivered', why, again: false };
}
