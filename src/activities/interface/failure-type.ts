/** `type` of every ApplicationFailure that activities throw. */
export type FailureType =
  /** Retryable: in progress; look again at the given time. */
  | 'InProgress'
  /** Retryable: rate exceeded. */
  | 'Throttled'
  /** Retryable: 5xx, timeouts, lost connections. */
  | 'Unavailable'
  /** Retryable: somebody's operation is under way on the object. */
  | 'Busy'
  /** The rest end the activity at once. */
  | 'InvalidSpec'
  | 'PreflightFailed'
  | 'TrainingFailed'
  | 'NotApproved'
  | 'ValidationFailed'
  | 'EndpointFailed'
  | 'UpdateReverted'
  | 'EndpointNotFound'
  | 'Drift'
  | 'NotOwned'
  | 'AccessDenied'
  | 'QuotaExceeded'
  | 'Rejected';
