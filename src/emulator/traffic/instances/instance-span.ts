/** A time in which a variant had the same instances. Its periods start at `from`. */
export interface InstanceSpan {
  from: number;
  to: number;
  periodMs: number;
  /** Counts by instance type. */
  instances: [type: string, count: number][];
}
