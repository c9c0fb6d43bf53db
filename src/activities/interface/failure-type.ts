/** `type` of the ApplicationFailures that activities throw. */
export type FailureType =
  /** Retryable: nothing is decided yet. The next attempt starts after `nextRetryDelay`. */
  | 'InProgress'
  /** Retryable: rate exceeded. */
  | 'Throttled'
  /** Retryable: 5xx responses, timeouts, lost connections. */
  | 'Unavailable'
  /** Retryable: another operation on the object is in progress. */
  | 'Busy'
  /** Retryable: this worker has the credentials of another account or region than the rollout's start. */
  | 'WrongAccount'
  /** All following types are not retryable: they end the activity immediately. */
  | 'InvalidSpec'
  | 'PreflightFailed'
  | 'TrainingFailed'
  | 'NotApproved'
  | 'ValidationFailed'
  | 'EndpointFailed'
  | 'UpdateReverted'
  | 'EndpointNotFound'
  | 'Drift'
  /** A freeze began before this change was requested. */
  | 'Frozen'
  | 'NotOwned'
  | 'AccessDenied'
  | 'QuotaExceeded'
  | 'Rejected';
