/** Autoscaling of one variant, as Application Auto Scaling has it, without names and ARNs of its own. Plain JSON. */
import type {
  PutScalingPolicyRequest,
  PutScheduledActionRequest,
  SuspendedState,
} from '@aws-sdk/client-application-auto-scaling';
import type { ResourceTags } from './tags.js';

type OfTarget = 'ServiceNamespace' | 'ResourceId' | 'ScalableDimension';

export type VariantPolicy = Omit<PutScalingPolicyRequest, OfTarget>;

/** Times are ISO 8601. */
export type VariantSchedule = Omit<PutScheduledActionRequest, OfTarget | 'StartTime' | 'EndTime'> & {
  StartTime?: string;
  EndTime?: string;
};

export interface VariantScaling {
  minCapacity: number;
  maxCapacity: number;
  suspended: Required<SuspendedState>;
  /** In the order of their names. */
  policies: VariantPolicy[];
  scheduledActions: VariantSchedule[];
  /** Without those of AWS. */
  tags: ResourceTags;
}
