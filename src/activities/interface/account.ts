/** The AWS account in which a rollout started. */

export interface Account {
  /** Twelve digits. */
  account: string;
  region: string;
}

/** Also names the rollout's endpoint, because a worker reads its account from the answer to a question about it. */
export interface StartAccount extends Account {
  endpoint: string;
}

/** Part of the argument of every activity after the preflight. Absent: the preflight did not learn the account. */
export interface InStartAccount {
  startedIn?: StartAccount;
}
