import { validationError } from '../../http/service-error.js';
import type { AccountState } from '../../account/account-state.js';
import type { Endpoint } from './endpoint-state.js';

/** Instances fail while the endpoint stays InService. After `replacedMs`, new instances replace them. */
export function loseInstances(
  account: AccountState,
  endpoint: Endpoint,
  name: string,
  count: number,
  replacedMs: number,
): void {
  const variant = endpoint.variants.find((each) => each.name === name);
  if (!variant) throw validationError(`Could not find variant "${name}" in endpoint "${endpoint.arn}".`);
  endpoint.meter?.catchUp();
  const lost = Math.min(count, variant.currentCount);
  variant.currentCount -= lost;
  const replacement = { variant: name, count: lost, dueAt: account.time + replacedMs };
  endpoint.replacements.push(replacement);
  resumeReplacement(account, endpoint, replacement);
}

export function resumeReplacement(
  account: AccountState,
  endpoint: Endpoint,
  replacement: Endpoint['replacements'][number],
): void {
  account.after(Math.max(0, replacement.dueAt - account.time), null, () => {
    // A deployment or a change of capacity has already replaced them.
    if (!endpoint.replacements.includes(replacement)) return;
    endpoint.replacements = endpoint.replacements.filter((each) => each !== replacement);
    endpoint.meter?.catchUp();
    const variant = endpoint.variants.find((each) => each.name === replacement.variant);
    if (variant)
      variant.currentCount = Math.min(variant.desiredCount, variant.currentCount + replacement.count);
  });
}
