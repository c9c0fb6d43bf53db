import type { AccountState } from '../../account/account-state.js';
import { enforceBounds } from '../activities/change-capacity.js';
import { beginActivity } from '../activities/scaling-activities.js';
import type { ScalableTarget, ScheduledAction } from '../scaling-state.js';
import { nextRun, parseSchedule } from './schedule.js';

/** Runs the action each time it is due, until it is deleted or changed. */
export function runWhenDue(account: AccountState, target: ScalableTarget, action: ScheduledAction): void {
  const { dueAt } = action;
  if (dueAt === null) return;
  account.scheduler.add(dueAt, () => {
    if (target.scheduledActions.get(action.name) !== action) return;
    if (!target.suspended.scheduled) run(account, target, action);
    action.dueAt = nextRun(parseSchedule(action.schedule, action.timezone), action, dueAt);
    runWhenDue(account, target, action);
  });
}

/** Call it once, on a restored account. */
export function resumeScheduledActions(account: AccountState): void {
  for (const target of account.scaling.targets.values())
    for (const action of target.scheduledActions.values()) runWhenDue(account, target, action);
}

/**
 * Sets the limits, and moves the present capacity into them. Wording:
 * https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scheduled-scaling.html
 */
function run(account: AccountState, target: ScalableTarget, action: ScheduledAction): void {
  const { MinCapacity = target.minCapacity, MaxCapacity = target.maxCapacity } = action.change;
  const limits = `min capacity to ${MinCapacity} and max capacity to ${MaxCapacity}`;
  const activity = beginActivity(account, target, {
    description: `Setting ${limits}`,
    cause: `scheduled action name ${action.name} was triggered`,
    capacity: null,
  });
  if (MaxCapacity < MinCapacity) {
    activity.status = 'Failed';
    activity.statusMessage = `Failed to set ${limits}. Reason: Maximum capacity cannot be less than minimum capacity`;
    return;
  }
  activity.status = 'Successful';
  activity.statusMessage = `Successfully set ${limits}`;
  Object.assign(target, { minCapacity: MinCapacity, maxCapacity: MaxCapacity });
  enforceBounds(account, target);
}
