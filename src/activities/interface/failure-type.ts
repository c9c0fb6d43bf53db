/** `type` of every ApplicationFailure that activities throw. */
export type FailureType =
  /** Retryable: in progress; look again at the given time. */
  | 'Watching'
  /** Retryable: rate exceeded. */
  | 'Throttled'
  /** Retryable: 5xx, timeouts, lost connections. */
  | 'Unavailable'
  /** Retryable: somebody's operation is under way on the object. */
  | 'Busy'
  /** The rest end the activity at once. */
  | 'InvalidSpec'
  | 'PreflightRefused'
  | 'TrainingFailed'
  | 'NotApproved'
  | 'ValidationFailed'
  | 'EndpointFailed'
  | 'UpdateReverted'
  | 'EndpointGone'
  | 'Drift'
  | 'NotOurs'
  | 'AccessDenied'
  | 'QuotaExceeded'
  | 'Rejected';
