/** Describes an error as data: the fields that a workflow or a client sees. */
const fields = [
  'message',
  'type',
  'nonRetryable',
  'details',
  'retryState',
  'activityType',
  'activityId',
  'timeoutType',
  'lastHeartbeatDetails',
  'workflowType',
  'namespace',
  'nextRetryDelay',
] as const;

export function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { thrown: String(error) };
  const all = error as Error & Record<string, unknown>;
  const known = fields.flatMap((field) => (all[field] === undefined ? [] : [[field, all[field]] as const]));
  return {
    error: error.name,
    ...Object.fromEntries(known),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
