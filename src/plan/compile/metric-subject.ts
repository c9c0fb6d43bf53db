/** The arm that metrics are read for: the candidate, or placeholders for either arm. */
export interface MetricSubject {
  endpoint: string;
  variant: string;
  role: string;
  rolloutId: string;
}

/** Comparisons read each series for both arms, so their dimensions keep the placeholders. */
export const eitherArm: MetricSubject = {
  endpoint: '{endpoint}',
  variant: '{variant}',
  role: '{role}',
  rolloutId: '{rolloutId}',
};
