import type { AccountState } from './account-state.js';

/**
 * The states that a caller of AWS waits for, as one text: two texts differ if a caller could see a change. Metrics are
 * not part of it, because they change all the time.
 */
export function observableStateOf({ endpoints, alarms, trainingJobs, packages }: AccountState): string {
  let text = '';
  for (const { name, status, config, variants } of endpoints.values()) {
    text += `${name} ${status} ${config.name}`;
    for (const each of variants)
      text += ` ${each.name} ${each.currentWeight} ${each.desiredWeight} ${each.currentCount} ${each.desiredCount}`;
    text += '\n';
  }
  for (const { name, state } of alarms.values()) text += `${name} ${state}\n`;
  for (const [name, { status }] of trainingJobs) text += `${name} ${status}\n`;
  for (const [arn, { approval }] of packages) text += `${arn} ${approval}\n`;
  return text;
}
