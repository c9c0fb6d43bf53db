import type { AccountState } from '../../account/account-state.js';
import { validationFailure } from '../shapes.js';

const members = ['OKActions', 'AlarmActions', 'InsufficientDataActions'] as const;
type Actions = Partial<Record<(typeof members)[number], string[]>>;

/** Refuses actions of another region, in CloudWatch's words (seen in public CI logs). IAM and some others have none. */
export function checkActions(account: AccountState, request: Actions): void {
  const { region } = account.options;
  for (const action of members.flatMap((name) => request[name] ?? [])) {
    const [, , , other = ''] = action.split(':');
    if (other !== '' && other !== region) {
      throw validationFailure(`Invalid region ${other} specified. Only ${region} is supported.`);
    }
  }
}
