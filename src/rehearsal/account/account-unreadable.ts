/** AWS cannot be reached, rejects a read, or the endpoint is not one that a rollout can start from. */
export class AccountUnreadable extends Error {
  override readonly name = 'AccountUnreadable';

  constructor(endpoint: string, reason: string) {
    super(`Cannot read endpoint ${endpoint} from AWS (omit --from-aws to rehearse with defaults): ${reason}`);
  }
}
